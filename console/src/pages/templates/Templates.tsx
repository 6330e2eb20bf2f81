/** What people can be asked: the templates of this space, and a new one. */
import { Button, Form, Input, Modal, Segmented, Select } from "antd";
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
import { route, templatesOf, type Service } from "@/pages/work/api";

const KINDS: Record<Service, readonly string[]> = {
  datasets: ["Sentiment_Analysis", "Text_Classification", "Question_Answer"],
  eval: ["Scale_Rating", "Category_Rating", "Pairwise_Rating", "Free_Text_Rating"],
};
const COMMANDS: Record<Service, string> = { datasets: "modelyard annotate template NAME Sentiment_Analysis", eval: "modelyard rate template NAME Scale_Rating" };

/** The two sorts of templates there are. */
function Sorts({ of }: { of: Service }) {
  const { t } = useWords();
  const navigate = useNavigate();
  return (
    <Segmented<Service>
      value={of}
      onChange={(next) => void navigate(templatesOf(next))}
      options={[
        { value: "datasets", label: t("templates.of_annotation") },
        { value: "eval", label: t("templates.of_rating") },
      ]}
    />
  );
}

export function Templates({ of }: { of: Service }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const listed = useListed<WorkTemplate>(["templates", of, "list"], async (page) => {
    const answer = await told(api.GET(route(of, "/templates"), { params: { query: page } }));
    return { rows: (answer.templates ?? []) as WorkTemplate[], next: answer.next_cursor ?? null };
  });
  const make = (
    <Button type="primary" onClick={() => setOpen(true)}>
      {t("templates.create")}
    </Button>
  );
  return (
    <>
      <Head title={t("templates.title")} lead={t("templates.lead")} code={{ path: `/${of}/templates` }} actions={make} />
      <Table
        name="templates"
        title={t("templates.title")}
        columns={useColumns(of)}
        tools={<Sorts of={of} />}
        listed={listed}
        rowKey={(template) => template.id}
        empty={<Empty title={t("templates.none")} text={t("templates.none_how")} command={COMMANDS[of]} action={make} />}
      />
      <Create key={of} of={of} open={open} close={() => setOpen(false)} />
    </>
  );
}

/** The id of a new template. */
async function made(of: Service, name: string, kind: string): Promise<string> {
  if (of === "eval") return (await told(api.POST("/api/v1/eval/templates", { body: { name, rating_type: kind as never } }))).template.id;
  return (await told(api.POST("/api/v1/datasets/templates", { body: { name, sub_type: kind as never } }))).template.id;
}

function useColumns(of: Service): Column<WorkTemplate>[] {
  const { word } = useWords();
  return useMemo(
    () => [
      { key: "name", title: "templates.name", cell: (each) => <Link to={`${templatesOf(of)}/${each.id}`}>{each.name}</Link>, value: (each) => each.name },
      { key: "kind", title: "templates.kind", cell: (each) => word("annotation", each.kind), value: (each) => each.kind },
      { key: "number", title: "templates.version", cell: (each) => `v${each.number}`, value: (each) => each.number, number: true },
      { key: "updated", title: "templates.updated", cell: (each) => <Ago time={each.update_time} />, value: (each) => each.update_time },
    ],
    [word, of],
  );
}

function Create({ of, open, close }: { of: Service; open: boolean; close: () => void }) {
  const { t, word } = useWords();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ name: string; kind: string }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = async (typed: { name: string; kind: string }) => {
    setBusy(true);
    setError(null);
    try {
      void navigate(`${templatesOf(of)}/${await made(of, typed.name.trim(), typed.kind)}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Modal title={t("templates.create")} open={open} onCancel={close} onOk={() => form.submit()} confirmLoading={busy} okText={t("templates.make")} cancelText={t("parts.back")}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ kind: KINDS[of][0] }} onFinish={(typed) => void make(typed)}>
        <Form.Item name="name" label={t("templates.name")} rules={[{ required: true, whitespace: true, message: t("templates.name_needed") }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="kind" label={t("templates.kind")} extra={t("templates.kind_how")}>
          <Select options={KINDS[of].map((kind) => ({ value: kind, label: word("annotation", kind) }))} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
