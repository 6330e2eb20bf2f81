/** Every model project of the space: as a list, or as a board by state. */
import { Button, Form, Input, Modal, Segmented } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, told } from "@/api/client";
import { useRoles } from "@/api/session";
import type { Project } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Search, useFilter } from "@/parts/Search";
import { State } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { useProjects } from "./api";
import { Board } from "./Board";

const COLUMNS: Column<Project>[] = [
  {
    key: "name",
    title: "models.name",
    cell: (row) => (
      <Link className="name" to={`/models/${row.id}`}>
        <bdi>{row.name}</bdi>
      </Link>
    ),
    value: (row) => row.name,
  },
  { key: "status", title: "models.state", cell: (row) => <State kind="project" value={row.status} />, value: (row) => row.status },
  { key: "desc", title: "models.about", cell: (row) => <bdi>{row.desc || "—"}</bdi>, value: (row) => row.desc },
  { key: "train", title: "models.train_framework", cell: (row) => row.train_framework || "—", value: (row) => row.train_framework, extra: true },
  { key: "serve", title: "models.inference_framework", cell: (row) => row.inference_framework || "—", value: (row) => row.inference_framework, extra: true },
  { key: "updated", title: "models.updated", cell: (row) => <Ago time={row.update_time} />, value: (row) => new Date(Number(row.update_time)).toISOString() },
  { key: "created", title: "models.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString(), extra: true },
  { key: "id", title: "models.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id },
];

export function Models() {
  const { t } = useWords();
  const prefix = useFilter();
  const listed = useProjects(prefix);
  const [params, change] = useAddress();
  const asked = params.get("new") === "1";
  const board = params.get("view") === "board";
  const close = () => change({ new: "" });
  const mayRestore = useRoles().includes("owner");
  const create = (
    <Button type="primary" onClick={() => change({ new: "1" }, STEP)}>
      {t("models.new")}
    </Button>
  );
  const actions = (
    <>
      {mayRestore && (
        <Link to="/models/deleted">
          <Button tabIndex={-1}>{t("models.deleted")}</Button>
        </Link>
      )}
      {create}
    </>
  );
  const tools = (
    <>
      <Search />
      <Segmented
        value={board ? "board" : ""}
        onChange={(view) => change({ view }, STEP)}
        options={[
          { value: "", label: t("models.as_list") },
          { value: "board", label: t("models.as_board") },
        ]}
      />
    </>
  );
  return (
    <>
      <Head title={t("models.title")} lead={t("models.lead")} code={{ path: "/models", ...(prefix && { query: { name_prefix: prefix } }) }} actions={actions} />
      {board ? (
        <Board listed={listed} tools={tools} />
      ) : (
        <Table
          name="models"
          title={t("models.title")}
          columns={COLUMNS}
          listed={listed}
          rowKey={(row) => row.id}
          tools={tools}
          empty={
            prefix ? (
              <Empty title={t("models.none_by_name")} text={t("models.none_by_name_how")} />
            ) : (
              <Empty title={t("models.none")} text={t("models.none_how")} command="make demo ARGS=--keep" action={<p>{create}</p>} />
            )
          }
        />
      )}
      {asked && <NewModel close={close} />}
    </>
  );
}

function NewModel({ close }: { close: () => void }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ name: string; desc?: string }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = async (typed: { name: string; desc?: string }) => {
    setBusy(true);
    setError(null);
    try {
      const made = await told(api.POST("/api/v1/models", { body: { name: typed.name.trim(), desc: typed.desc ?? "" } }));
      void navigate(`/models/${made.project.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Modal open title={t("models.new")} onCancel={close} onOk={form.submit} okText={t("models.create")} cancelText={t("parts.back")} confirmLoading={busy}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(typed) => void make(typed)}>
        <Form.Item name="name" label={t("models.name")} extra={t("models.name_help")} rules={[{ required: true, whitespace: true, message: t("models.name_needed") }]}>
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="desc" label={t("models.about")}>
          <Input.TextArea rows={3} maxLength={1000} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
