/** Every prompt of the space, and a new one. */
import { Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, told } from "@/api/client";
import type { Prompt } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Search, useFilter } from "@/parts/Search";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { labelsOf, usePrompts } from "./api";

const labelled = (prompt: Prompt) => labelsOf(prompt).map(([label, number]) => `${label} v${number}`).join(", ");

const COLUMNS: Column<Prompt>[] = [
  { key: "name", title: "prompts.name", cell: (row) => <Link className="name" to={`/prompts/${row.id}`}><bdi>{row.name}</bdi></Link>, value: (row) => row.name },
  { key: "newest", title: "prompts.newest", cell: (row) => `v${row.newest}`, value: (row) => row.newest, number: true },
  { key: "labels", title: "prompts.labels", cell: (row) => <bdi>{labelled(row) || "—"}</bdi>, value: labelled },
  { key: "fields", title: "prompts.fields", cell: (row) => <bdi>{row.fields.join(", ")}</bdi>, value: (row) => row.fields.join(" ") },
  { key: "about", title: "prompts.about", cell: (row) => <bdi>{row.desc || "—"}</bdi>, value: (row) => row.desc, extra: true },
  { key: "updated", title: "prompts.updated", cell: (row) => <Ago time={row.update_time} />, value: (row) => row.update_time },
];

export function Prompts() {
  const { t } = useWords();
  const prefix = useFilter();
  const [open, setOpen] = useState(false);
  const make = (
    <Button type="primary" onClick={() => setOpen(true)}>
      {t("prompts.create")}
    </Button>
  );
  return (
    <>
      <Head title={t("prompts.title")} lead={t("prompts.lead")} code={{ path: "/eval/prompts", ...(prefix && { query: { name_prefix: prefix } }) }} actions={make} />
      <Table
        name="prompts"
        title={t("prompts.title")}
        columns={COLUMNS}
        listed={usePrompts(prefix)}
        rowKey={(row) => row.id}
        tools={<Search />}
        empty={<Empty title={t("prompts.none")} text={t("prompts.none_how")} command="modelyard prompt create NAME --template @FILE" action={make} />}
      />
      <Create open={open} close={() => setOpen(false)} />
    </>
  );
}

function Create({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const save = async (typed: { name: string; system?: string; template: string }) => {
    setBusy(true);
    setError(null);
    try {
      void navigate(`/prompts/${(await told(api.POST("/api/v1/eval/prompts", { body: typed }))).prompt.id}`);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open={open} onCancel={close} title={t("prompts.create")} footer={null} destroyOnHidden>
      <Form layout="vertical" requiredMark={false} initialValues={{ template: "{{instruction}}" }} onFinish={(typed: { name: string; template: string }) => void save(typed)}>
        <Form.Item name="name" label={t("prompts.name")} rules={[{ required: true, whitespace: true, message: t("parts.name") }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="system" label={t("prompts.system")}>
          <Input.TextArea rows={2} maxLength={20_000} />
        </Form.Item>
        <Form.Item name="template" label={t("prompts.template")} extra={t("prompts.template_how")}>
          <Input.TextArea rows={4} maxLength={20_000} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
        <Button type="primary" htmlType="submit" loading={busy}>
          {t("prompts.create")}
        </Button>
      </Form>
    </Modal>
  );
}
