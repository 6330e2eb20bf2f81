/** The knowledge bases of the space, and a new one. */
import { Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, told } from "@/api/client";
import { useRoles } from "@/api/session";
import type { KnowledgeBase } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Table, type Column } from "@/parts/Table";
import { Secrecy } from "@/pages/datasets/Secrecy";
import { useWords } from "@/words";
import { useBases } from "./api";

const COLUMNS: Column<KnowledgeBase>[] = [
  {
    key: "name",
    title: "knowledge.name",
    cell: (row) => (
      <Link className="name" to={`/knowledge/${row.id}`}>
        <bdi>{row.name}</bdi>
      </Link>
    ),
    value: (row) => row.name,
  },
  { key: "desc", title: "knowledge.about", cell: (row) => <bdi>{row.desc || "—"}</bdi>, value: (row) => row.desc },
  { key: "secrecy", title: "knowledge.secrecy", cell: (row) => <Secrecy value={row.secrecy} />, value: (row) => row.secrecy },
  { key: "documents", title: "knowledge.documents", cell: (row) => <Count value={Number(row.documents)} />, value: (row) => row.documents, number: true },
  { key: "chunks", title: "knowledge.passages", cell: (row) => <Count value={Number(row.chunks)} />, value: (row) => row.chunks, number: true },
  { key: "updated", title: "knowledge.updated", cell: (row) => <Ago time={row.update_time} />, value: (row) => new Date(Number(row.update_time)).toISOString() },
  { key: "id", title: "knowledge.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
];

export function Count({ value }: { value: number }) {
  return <>{useWords().num(value)}</>;
}

export const useBuilds = () => useRoles().some((role) => role === "owner" || role === "developer");

export function Bases() {
  const { t } = useWords();
  const listed = useBases();
  const [params, change] = useAddress();
  const create = useBuilds() && (
    <Button type="primary" onClick={() => change({ new: "1" }, STEP)}>
      {t("knowledge.create")}
    </Button>
  );
  return (
    <>
      <Head title={t("knowledge.title")} lead={t("knowledge.lead")} code={{ path: "/knowledge/bases" }} actions={create} />
      <Table
        name="knowledge"
        title={t("knowledge.title")}
        columns={COLUMNS}
        listed={listed}
        rowKey={(row) => row.id}
        empty={<Empty title={t("knowledge.none")} text={t("knowledge.none_how")} command="modelyard knowledge create help" action={create} />}
      />
      {params.get("new") === "1" && <NewBase close={() => change({ new: "" })} />}
    </>
  );
}

interface Typed {
  name: string;
  desc?: string;
  secrecy: KnowledgeBase["secrecy"];
}

export const LEVELS: KnowledgeBase["secrecy"][] = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "SECRET"];

function NewBase({ close }: { close: () => void }) {
  const { t, word } = useWords();
  const navigate = useNavigate();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = async (typed: Typed) => {
    setBusy(true);
    setError(null);
    try {
      const body = { name: typed.name.trim(), desc: typed.desc ?? "", secrecy: typed.secrecy };
      const made = await told(api.POST("/api/v1/knowledge/bases", { body }));
      void navigate(`/knowledge/${made.knowledge_base.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Modal open title={t("knowledge.create")} onCancel={close} onOk={form.submit} okText={t("knowledge.make")} cancelText={t("parts.back")} confirmLoading={busy}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ secrecy: "INTERNAL" }} onFinish={(typed) => void make(typed)}>
        <Form.Item name="name" label={t("knowledge.name")} rules={[{ required: true, whitespace: true, message: t("knowledge.name_needed") }]}>
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="desc" label={t("knowledge.about")}>
          <Input.TextArea rows={2} maxLength={1000} />
        </Form.Item>
        <Form.Item name="secrecy" label={t("knowledge.secrecy")} extra={t("knowledge.secrecy_how")}>
          <Select options={LEVELS.map((value) => ({ value, label: word("secrecy", value) }))} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
