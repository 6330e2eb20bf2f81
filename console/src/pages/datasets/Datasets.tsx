/** Every dataset of the space. */
import { Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, told } from "@/api/client";
import { useRoles } from "@/api/session";
import type { Dataset } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Search, useFilter } from "@/parts/Search";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { useDatasets } from "./api";
import { Secrecy } from "./Secrecy";

const COLUMNS: Column<Dataset>[] = [
  {
    key: "name",
    title: "datasets.name",
    cell: (row) => (
      <Link className="name" to={`/datasets/${row.id}`}>
        <bdi>{row.name}</bdi>
      </Link>
    ),
    value: (row) => row.name,
  },
  { key: "type", title: "datasets.type", cell: (row) => <Type value={row.type} />, value: (row) => row.type },
  { key: "desc", title: "datasets.about", cell: (row) => <bdi>{row.desc || "—"}</bdi>, value: (row) => row.desc },
  { key: "secrecy", title: "datasets.secrecy", cell: (row) => <Secrecy value={row.secrecy} />, value: (row) => row.secrecy },
  { key: "source", title: "datasets.source", cell: (row) => <bdi>{row.source || "—"}</bdi>, value: (row) => row.source, extra: true },
  { key: "updated", title: "datasets.updated", cell: (row) => <Ago time={row.update_time} />, value: (row) => new Date(Number(row.update_time)).toISOString() },
  { key: "id", title: "datasets.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id },
];

function Type({ value }: { value: string }) {
  const { word } = useWords();
  return <>{word("dataset_type", value)}</>;
}

export function Datasets() {
  const { t } = useWords();
  const prefix = useFilter();
  const listed = useDatasets(prefix);
  const [params, change] = useAddress();
  const mayRestore = useRoles().includes("owner");
  const create = (
    <>
      {mayRestore && (
        <Link to="/datasets/deleted">
          <Button>{t("datasets.deleted")}</Button>
        </Link>
      )}
      <Button onClick={() => change({ new: "1" }, STEP)}>{t("datasets.create")}</Button>
      <Link to="/datasets/import">
        <Button type="primary">{t("datasets.import")}</Button>
      </Link>
    </>
  );
  return (
    <>
      <Head title={t("datasets.title")} lead={t("datasets.lead")} code={{ path: "/datasets", ...(prefix && { query: { name_prefix: prefix } }) }} actions={create} />
      <Table
        name="datasets"
        title={t("datasets.title")}
        columns={COLUMNS}
        listed={listed}
        rowKey={(row) => row.id}
        tools={<Search />}
        empty={<Empty title={t("datasets.none")} text={t("datasets.none_how")} command="make demo ARGS=--keep" action={<p className="acts middle">{create}</p>} />}
      />
      {params.get("new") === "1" && <NewDataset close={() => change({ new: "" })} />}
    </>
  );
}

interface Typed {
  name: string;
  desc?: string;
  type: Dataset["type"];
  secrecy: Dataset["secrecy"];
}

const TYPES: Dataset["type"][] = ["Text", "Image", "Audio", "Video", "Multimodal"];
const LEVELS: Dataset["secrecy"][] = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "SECRET"];

function NewDataset({ close }: { close: () => void }) {
  const { t, word } = useWords();
  const navigate = useNavigate();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = async (typed: Typed) => {
    setBusy(true);
    setError(null);
    try {
      const body = { name: typed.name.trim(), desc: typed.desc ?? "", type: typed.type, secrecy: typed.secrecy };
      const made = await told(api.POST("/api/v1/datasets", { body }));
      void navigate(`/datasets/${made.dataset.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Modal open title={t("datasets.create")} onCancel={close} onOk={form.submit} okText={t("datasets.make")} cancelText={t("parts.back")} confirmLoading={busy}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ type: "Text", secrecy: "INTERNAL" }} onFinish={(typed) => void make(typed)}>
        <Form.Item name="name" label={t("datasets.name")} rules={[{ required: true, whitespace: true, message: t("datasets.name_needed") }]}>
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="desc" label={t("datasets.about")}>
          <Input.TextArea rows={2} maxLength={1000} />
        </Form.Item>
        <Form.Item name="type" label={t("datasets.type")}>
          <Select options={TYPES.map((value) => ({ value, label: word("dataset_type", value) }))} />
        </Form.Item>
        <Form.Item name="secrecy" label={t("datasets.secrecy")} extra={t("datasets.secrecy_how")}>
          <Select options={LEVELS.map((value) => ({ value, label: word("secrecy", value) }))} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
