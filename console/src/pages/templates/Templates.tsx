/** What people can be asked: the templates of this space, and a new one. */
import { Button, Form, Input, Modal, Select } from "antd";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { WorkTemplate } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";

const KINDS = ["Sentiment_Analysis", "Text_Classification", "Question_Answer"] as const;

export function Templates() {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const listed = useListed<WorkTemplate>(["templates", "list"], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets/templates", { params: { query: page } }));
    return { rows: (answer.templates ?? []) as WorkTemplate[], next: answer.next_cursor ?? null };
  });
  const make = (
    <Button type="primary" onClick={() => setOpen(true)}>
      {t("templates.create")}
    </Button>
  );
  return (
    <>
      <Head title={t("templates.title")} lead={t("templates.lead")} code={{ path: "/datasets/templates" }} actions={make} />
      <Table
        name="templates"
        title={t("templates.title")}
        columns={useColumns()}
        listed={listed}
        rowKey={(template) => template.id}
        empty={<Empty title={t("templates.none")} text={t("templates.none_how")} command="modelyard annotate template NAME Sentiment_Analysis" action={make} />}
      />
      <Create open={open} close={() => setOpen(false)} />
    </>
  );
}

function useColumns(): Column<WorkTemplate>[] {
  const { word } = useWords();
  return useMemo(
    () => [
      { key: "name", title: "templates.name", cell: (each) => <Link to={`/templates/${each.id}`}>{each.name}</Link>, value: (each) => each.name },
      { key: "kind", title: "templates.kind", cell: (each) => word("annotation", each.kind), value: (each) => each.kind },
      { key: "number", title: "templates.version", cell: (each) => `v${each.number}`, value: (each) => each.number, number: true },
      { key: "updated", title: "templates.updated", cell: (each) => <Ago time={each.update_time} />, value: (each) => each.update_time },
    ],
    [word],
  );
}

function Create({ open, close }: { open: boolean; close: () => void }) {
  const { t, word } = useWords();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ name: string; kind: (typeof KINDS)[number] }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = async (typed: { name: string; kind: (typeof KINDS)[number] }) => {
    setBusy(true);
    setError(null);
    try {
      const made = await told(api.POST("/api/v1/datasets/templates", { body: { name: typed.name.trim(), sub_type: typed.kind } }));
      void navigate(`/templates/${made.template.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Modal title={t("templates.create")} open={open} onCancel={close} onOk={() => form.submit()} confirmLoading={busy} okText={t("templates.make")} cancelText={t("parts.back")}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ kind: KINDS[0] }} onFinish={(typed) => void make(typed)}>
        <Form.Item name="name" label={t("templates.name")} rules={[{ required: true, whitespace: true, message: t("templates.name_needed") }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="kind" label={t("templates.kind")} extra={t("templates.kind_how")}>
          <Select options={KINDS.map((kind) => ({ value: kind, label: word("annotation", kind) }))} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
