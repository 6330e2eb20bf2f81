/** The other names of a model: pointers that people move, which programs ask for at /v1, and the names it had before. */
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { useRoles } from "@/api/session";
import type { ModelAlias } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Failure } from "@/parts/Failure";
import { offerUndo } from "@/parts/Undo";
import { useWords } from "@/words";
import { useAliases, useVersions } from "./api";

interface Typed {
  name: string;
  version: number;
}

const given = (id: string, name: string, model_version_number: number) =>
  told(api.POST("/api/v1/models/{project_id}/aliases", { params: { path: { project_id: id } }, body: { name, model_version_number } }));

export function Names({ id }: { id: string }) {
  const { t } = useWords();
  const listed = useAliases(id);
  const targets = useTargets(id);
  const mayChange = useRoles().some((role) => role === "owner" || role === "developer");
  const [error, setError] = useState<unknown>(null);
  const change = async (call: () => Promise<unknown>) => {
    setError(null);
    await call().catch(setError);
    listed.again();
  };
  return (
    <section className="card">
      <h2>{t("models.names")}</h2>
      <p className="why">{t("models.names_how")}</p>
      {listed.rows.map((each) => (
        <Row key={each.id} alias={each} targets={targets} mayChange={mayChange} change={change} />
      ))}
      {error !== null && <Failure error={error} />}
      {mayChange && <NewName targets={targets} add={(typed) => given(id, typed.name.trim(), typed.version).then(() => listed.again())} />}
    </section>
  );
}

type Targets = { value: number; label: string }[];

/** What a name may mean: whatever serves, or one of the newest versions. */
function useTargets(id: string): Targets {
  const { t } = useWords();
  const versions = useVersions(id);
  return [{ value: 0, label: t("models.name_online") }, ...versions.rows.map((each) => ({ value: each.number, label: `v${each.number}` }))];
}

interface RowProps {
  alias: ModelAlias;
  targets: Targets;
  mayChange: boolean;
  change: (call: () => Promise<unknown>) => Promise<void>;
}

function Row({ alias, targets, mayChange, change }: RowProps) {
  const { t } = useWords();
  const means = targets.find((each) => each.value === alias.model_version_number)?.label ?? `v${alias.model_version_number}`;
  const at = { path: { id: alias.id } };
  const move = (model_version_number: number) =>
    change(() => told(api.PATCH("/api/v1/models/aliases/{id}", { params: at, body: { model_version_number, expected_version: alias.version } })));
  const remove = () =>
    change(async () => {
      await told(api.DELETE("/api/v1/models/aliases/{id}", { params: { ...at, query: { expected_version: alias.version } } }));
      if (!alias.former)
        offerUndo({ name: alias.name, undo: () => given(alias.project_id, alias.name, alias.model_version_number), to: `/models/${alias.project_id}?tab=settings` });
    });
  return (
    <div className="item">
      <bdi className="tag">{alias.name}</bdi>
      {alias.former && <small>{t("models.name_former")}</small>}
      {!alias.former && !mayChange && <small>{means}</small>}
      {!alias.former && mayChange && (
        <Select size="small" className="target" aria-label={t("models.name_means", { name: alias.name })} value={alias.model_version_number} options={targets} onChange={(to: number) => void move(to)} />
      )}
      <span className="aside">
        <Ago time={alias.update_time} />
      </span>
      {mayChange && (
        <Button size="small" aria-label={t("models.name_remove", { name: alias.name })} onClick={() => void remove()}>
          {t("models.remove")}
        </Button>
      )}
    </div>
  );
}

function NewName({ targets, add }: { targets: Targets; add: (typed: Typed) => Promise<unknown> }) {
  const { t } = useWords();
  const [form] = Form.useForm<Typed>();
  const [error, setError] = useState<unknown>(null);
  const save = (typed: Typed) => {
    setError(null);
    void add(typed).then(() => form.resetFields(), setError);
  };
  return (
    <Form name="alias" form={form} layout="vertical" requiredMark={false} className="below" initialValues={{ version: 0 }} onFinish={save}>
      <div className="pair">
        <Form.Item name="name" label={t("models.name_new")} rules={[{ required: true, whitespace: true, message: t("models.name_needed") }]}>
          <Input maxLength={100} placeholder="champion" />
        </Form.Item>
        <Form.Item name="version" label={t("models.name_target")}>
          <Select options={targets} />
        </Form.Item>
      </div>
      {error !== null && <Failure error={error} />}
      <Button htmlType="submit">{t("models.name_add")}</Button>
    </Form>
  );
}
