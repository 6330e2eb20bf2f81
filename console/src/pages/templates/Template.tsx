/** One template: what it asks, changed field by field, and beside it what people will see. A change is its next version. */
import { Button, Checkbox, Input, InputNumber, Select } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { ApiError, api, told } from "@/api/client";
import type { Facts, WorkTemplate } from "@/api/types";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { useWords } from "@/words";
import { bodyOf, route, templatesOf, type Service } from "@/pages/work/api";
import { Fields } from "@/pages/work/Fields";
import { titleOf, type Asked, type Body, type Label } from "@/pages/work/template";

const KINDS = ["choice", "choices", "text", "scale"] as const;
const BOUNDS = [
  ["at_least", "templates.at_least"],
  ["at_most", "templates.at_most"],
] as const;

export function Template({ of }: { of: Service }) {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["template", of, id],
    queryFn: async () => (await told(api.GET(route(of, "/templates/{id}"), { params: { path: { id } } }))).template as WorkTemplate,
  });
  if (!found.data)
    return (
      <>
        <Head title={t("templates.template")} crumbs={[{ to: templatesOf(of), name: t("templates.title") }]} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  return <Editor key={found.data.template_version_id} of={of} template={found.data} saved={() => void found.refetch()} />;
}

function Editor({ of, template, saved }: { of: Service; template: WorkTemplate; saved: () => void }) {
  const { t, word } = useWords();
  const [body, setBody] = useState<Body>(() => bodyOf(template));
  const [answer, setAnswer] = useState<Facts>({});
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const changed = JSON.stringify(body) !== JSON.stringify(bodyOf(template));
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const sent = { body: body as never, expected_version: template.version };
      await told(api.PATCH(route(of, "/templates/{id}"), { params: { path: { id: template.id } }, body: sent }));
      saved();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const put = (at: number, field: Asked) => setBody({ ...body, fields: body.fields.map((each, place) => (place === at ? field : each)) });
  const add = () => setBody({ ...body, fields: [...body.fields, { name: `field_${body.fields.length + 1}`, kind: "text", required: false }] });
  const stale = error instanceof ApiError && error.problem.reason === "STALE_VERSION";
  return (
    <>
      <Head
        title={template.name}
        crumbs={[{ to: templatesOf(of), name: t("templates.title") }]}
        state={<span className="pill">{`${word("annotation", template.kind)} · v${template.number}`}</span>}
        code={{ path: `/${of}/templates/${template.id}` }}
        actions={
          <Button type="primary" disabled={!changed} loading={busy} onClick={() => void save()}>
            {t("templates.save", { number: template.number + 1 })}
          </Button>
        }
        lead={t("templates.template_lead")}
      />
      {error !== null && <Failure error={error} {...(stale && { again: saved })} />}
      <div className="bench">
        <section className="card form" aria-label={t("templates.asked")}>
          <div className="field">
            <label htmlFor="instructions">{t("templates.instructions")}</label>
            <Input.TextArea id="instructions" rows={3} className="grows" maxLength={20_000} value={body.instructions ?? ""} onChange={(event) => setBody({ ...body, instructions: event.target.value })} />
          </div>
          {body.fields.map((field, at) => (
            <FieldEditor
              key={at}
              at={at}
              field={field}
              before={body.fields.slice(0, at)}
              change={(next) => put(at, next)}
              remove={() => setBody({ ...body, fields: body.fields.filter((_, place) => place !== at) })}
            />
          ))}
          <Button onClick={add} disabled={body.fields.length >= 20}>
            {t("templates.add_field")}
          </Button>
        </section>
        <section className="card" aria-label={t("templates.preview")}>
          <h2>{t("templates.preview")}</h2>
          {body.instructions && <p className="said">{body.instructions}</p>}
          <Fields body={body} answer={answer} change={setAnswer} />
        </section>
      </div>
    </>
  );
}

interface FieldProps {
  at: number;
  field: Asked;
  before: Asked[];
  change: (next: Asked) => void;
  remove: () => void;
}

function FieldEditor({ at, field, before, change, remove }: FieldProps) {
  const { t, word } = useWords();
  const id = (name: string) => `field-${at}-${name}`;
  const offers = field.kind === "choice" || field.kind === "choices";
  const put = (facts: Partial<Asked>) => change({ ...field, ...facts });
  const turn = (kind: Asked["kind"]) => {
    const { labels, ...rest } = field;
    const some = labels ?? [{ value: "a" }, { value: "b" }];
    change(kind === "choice" || kind === "choices" ? { ...rest, kind, labels: some } : { ...rest, kind });
  };
  const asking = before.filter((each) => each.kind !== "text");
  return (
    <fieldset className="card">
      <legend>{titleOf(field)}</legend>
      <div className="pair">
        <div className="field">
          <label htmlFor={id("name")}>{t("templates.field_name")}</label>
          <Input id={id("name")} value={field.name} maxLength={40} onChange={(event) => put({ name: event.target.value })} />
        </div>
        <div className="field">
          <label htmlFor={id("kind")}>{t("templates.field_kind")}</label>
          <Select id={id("kind")} className="wide" value={field.kind} onChange={turn} options={KINDS.map((kind) => ({ value: kind, label: word("asked", kind) }))} />
        </div>
      </div>
      <div className="field">
        <label htmlFor={id("title")}>{t("templates.field_title")}</label>
        <Input id={id("title")} value={field.title ?? ""} maxLength={200} onChange={(event) => put({ title: event.target.value })} />
      </div>
      {offers && <Labels labels={field.labels ?? []} change={(labels) => put({ labels })} />}
      {!offers && (
        <div className="pair">
          {BOUNDS.map(([name, title]) => (
            <div className="field" key={name}>
              <label htmlFor={id(name)}>{t(title)}</label>
              <InputNumber id={id(name)} min={0} max={1_000_000} precision={0} value={field[name] ?? null} onChange={(next) => put({ [name]: next })} />
            </div>
          ))}
        </div>
      )}
      {asking.length > 0 && (
        <div className="pair">
          <div className="field">
            <label htmlFor={id("when")}>{t("templates.when")}</label>
            <Select
              id={id("when")}
              className="wide"
              allowClear
              value={field.when?.field ?? null}
              onChange={(next: string | null | undefined) => {
                const { when: _, ...rest } = field;
                change(next ? { ...rest, when: { field: next, values: [] } } : rest);
              }}
              options={asking.map((each) => ({ value: each.name, label: titleOf(each) }))}
            />
          </div>
          {field.when && (
            <div className="field">
              <label htmlFor={id("values")}>{t("templates.when_values")}</label>
              <Select
                id={id("values")}
                className="wide"
                mode="tags"
                value={field.when.values}
                onChange={(values: string[]) => put({ when: { field: field.when?.field ?? "", values } })}
                options={(before.find((each) => each.name === field.when?.field)?.labels ?? []).map((label) => ({ value: label.value, label: label.title || label.value }))}
              />
            </div>
          )}
        </div>
      )}
      <div className="row">
        <Checkbox checked={field.required !== false} onChange={(event) => put({ required: event.target.checked })}>
          {t("templates.required")}
        </Checkbox>
        <Button size="small" danger onClick={remove}>
          {t("templates.remove_field")}
        </Button>
      </div>
    </fieldset>
  );
}

function Labels({ labels, change }: { labels: Label[]; change: (next: Label[]) => void }) {
  const { t } = useWords();
  const put = (at: number, facts: Partial<Label>) => change(labels.map((each, place) => (place === at ? { ...each, ...facts } : each)));
  return (
    <div className="field">
      <span className="why">{t("templates.labels")}</span>
      {labels.map((label, at) => (
        <div className="label-row" key={at}>
          <Input aria-label={t("templates.label_value", { place: at + 1 })} value={label.value} maxLength={100} onChange={(event) => put(at, { value: event.target.value })} />
          <Input aria-label={t("templates.label_title", { place: at + 1 })} value={label.title ?? ""} maxLength={100} placeholder={label.value} onChange={(event) => put(at, { title: event.target.value })} />
          <Input aria-label={t("templates.label_key", { place: at + 1 })} className="key" value={label.key ?? ""} maxLength={1} onChange={(event) => put(at, { key: event.target.value })} />
          <Button size="small" disabled={labels.length <= 2} onClick={() => change(labels.filter((_, place) => place !== at))} aria-label={t("templates.remove_label", { place: at + 1 })}>
            ×
          </Button>
        </div>
      ))}
      <Button size="small" onClick={() => change([...labels, { value: `label_${labels.length + 1}`, key: labels.length < 9 ? String(labels.length + 1) : "" }])}>
        {t("templates.add_label")}
      </Button>
    </div>
  );
}
