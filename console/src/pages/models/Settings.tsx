/** What can be changed about a model. A save that comes too late shows what another person changed, and keeps what was typed. */
import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, api, told } from "@/api/client";
import { useRoles } from "@/api/session";
import type { ModelStatus, Project } from "@/api/types";
import { Confirm } from "@/parts/Confirm";
import { Failure } from "@/parts/Failure";
import { offerUndo } from "@/parts/Undo";
import { useWords, type Key } from "@/words";
import { restored } from "./api";
import { Names } from "./Names";

const FIELDS = ["name", "desc", "train_framework", "inference_framework", "code_repo_url", "metrics_url"] as const;
type Field = (typeof FIELDS)[number];
type Typed = Record<Field, string>;
const LABELS: Record<Field, Key> = {
  name: "models.name",
  desc: "models.about",
  train_framework: "models.train_framework",
  inference_framework: "models.inference_framework",
  code_repo_url: "models.code_repo_url",
  metrics_url: "models.metrics_url",
};

export function Settings({ status, again }: { status: ModelStatus; again: () => void }) {
  const { t } = useWords();
  if (status.model.state !== "ok") return <p className="why">{status.model.message}</p>;
  return (
    <div className="cols">
      <section className="card">
        <h2>{t("models.settings")}</h2>
        <Edit project={status.model.project} again={again} />
      </section>
      <div>
        <Names id={status.id} />
        <Danger project={status.model.project} />
      </div>
    </div>
  );
}

const typedOf = (project: Project): Typed => Object.fromEntries(FIELDS.map((field) => [field, project[field]])) as Typed;

function Edit({ project, again }: { project: Project; again: () => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<Typed>();
  const stored = `modelyard.draft.${project.id}`;
  const [from, setFrom] = useState(project); // what the person began with
  const [other, setOther] = useState<Project | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  useEffect(() => {
    const draft = sessionStorage.getItem(stored);
    if (draft) form.setFieldsValue(JSON.parse(draft) as Typed);
  }, [stored, form]);
  const save = async (typed: Typed) => {
    setBusy(true);
    setError(null);
    try {
      const changed = Object.fromEntries(FIELDS.filter((field) => typed[field] !== from[field]).map((field) => [field, typed[field]]));
      const answer = await told(api.PATCH("/api/v1/models/{id}", { params: { path: { id: from.id } }, body: { ...changed, expected_version: from.version } }));
      sessionStorage.removeItem(stored);
      setFrom(answer.project);
      setOther(null);
      setSaved(true);
      again();
    } catch (caught) {
      if (caught instanceof ApiError && caught.status === 412)
        setOther((await told(api.GET("/api/v1/models/{id}", { params: { path: { id: from.id } } }))).project);
      else setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const merge = () => {
    if (!other) return;
    setFrom(other);
    for (const field of FIELDS) if (form.getFieldValue(field) === from[field]) form.setFieldValue(field, other[field]);
    setOther(null);
  };
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={typedOf(project)}
      onValuesChange={(_, all) => {
        setSaved(false);
        sessionStorage.setItem(stored, JSON.stringify(all));
      }}
      onFinish={(typed) => void save(typed)}
    >
      {FIELDS.map((field) => (
        <Form.Item key={field} name={field} label={t(LABELS[field])} rules={field === "name" ? [{ required: true, whitespace: true, message: t("models.name_needed") }] : []}>
          {field === "desc" ? <Input.TextArea rows={3} maxLength={1000} /> : <Input maxLength={field === "name" ? 100 : 500} />}
        </Form.Item>
      ))}
      {other && <Stale mine={form.getFieldsValue()} from={from} other={other} merge={merge} />}
      {error !== null && <Failure error={error} />}
      <Button type="primary" htmlType="submit" loading={busy} disabled={!!other}>
        {t("models.save")}
      </Button>{" "}
      <span role="status">{saved && t("models.saved")}</span>
    </Form>
  );
}

function Stale({ mine, from, other, merge }: { mine: Typed; from: Project; other: Project; merge: () => void }) {
  const { t } = useWords();
  const changed = FIELDS.filter((field) => other[field] !== from[field]);
  return (
    <div className="failed" role="alert">
      <b>{t("models.stale_save")}</b> {t("models.stale_save_how")}
      <dl className="facts">
        {changed.map((field) => (
          <div key={field} className="contents">
            <dt>{t(LABELS[field])}</dt>
            <dd>
              <del>{from[field] || "—"}</del> → <b>{other[field] || "—"}</b>
              {mine[field] !== from[field] && ` · ${t("models.yours", { value: mine[field] })}`}
            </dd>
          </div>
        ))}
      </dl>
      <div className="row">
        <Button onClick={merge}>{t("models.merge")}</Button>
      </div>
    </div>
  );
}

function Danger({ project }: { project: Project }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const mayDelete = useRoles().includes("owner");
  const remove = async () => {
    await told(api.DELETE("/api/v1/models/{id}", { params: { path: { id: project.id }, query: { expected_version: project.version } } }));
    await questions.invalidateQueries({ queryKey: ["models"] });
    offerUndo({ name: project.name, undo: () => restored(project.id), to: `/models/${project.id}` });
    void navigate("/models");
  };
  return (
    <section className="card">
      <h2>{t("models.delete")}</h2>
      <p className="why">{t(mayDelete ? "models.delete_how" : "models.delete_owner")}</p>
      {mayDelete && <Confirm label={t("models.delete")} what={t("models.delete_what", { name: project.name })} look={{ danger: true }} run={remove} />}
    </section>
  );
}
