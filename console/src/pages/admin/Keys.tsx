/** One's own API keys in this space: for programs, each shown once. */
import { Button, Form, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { ApiKey } from "@/api/types";
import { Ago, useNow } from "@/parts/Ago";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Pill } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { Once } from "./Once";

export function Keys() {
  const { t } = useWords();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState("");
  const listed = useListed<ApiKey>(["keys"], async (page) => {
    const answer = await told(api.GET("/api/v1/keys", { params: { query: page } }));
    return { rows: answer.keys ?? [], next: answer.next_cursor ?? null };
  });
  const revoke = async (row: ApiKey) => {
    await told(api.DELETE("/api/v1/keys/{id}", { params: { path: { id: row.id } } }));
    listed.again();
  };
  const columns: Column<ApiKey>[] = [
    { key: "name", title: "admin.name", cell: (row) => <bdi className="name">{row.name}</bdi>, value: (row) => row.name },
    { key: "prefix", title: "admin.prefix", cell: (row) => <span className="mono">{row.prefix}…</span>, value: (row) => row.prefix },
    { key: "state", title: "admin.state", cell: (row) => <Valid until={row.expire_time} revoked={row.revoke_time} />, value: (row) => (row.revoke_time === "0" ? "valid" : "revoked") },
    { key: "until", title: "admin.until", cell: (row) => <Ago time={row.expire_time} />, value: (row) => new Date(Number(row.expire_time)).toISOString() },
    { key: "since", title: "admin.since", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
    { key: "id", title: "admin.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
    {
      key: "change",
      title: "admin.change",
      cell: (row) => (row.revoke_time === "0" ? <Confirm label={t("admin.revoke")} what={t("admin.revoke_key_what", { name: row.name })} look={{ size: "small", danger: true }} run={() => revoke(row)} /> : null),
      value: () => "",
    },
  ];
  const create = (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t("admin.new_key")}
    </Button>
  );
  return (
    <>
      <Head title={t("admin.keys")} lead={t("admin.keys_lead")} code={{ path: "/keys" }} actions={create} />
      <Table name="keys" title={t("admin.keys")} columns={columns} listed={listed} rowKey={(row) => row.id} empty={<Empty title={t("admin.no_keys")} text={t("admin.no_keys_how")} action={create} />} />
      {adding && (
        <NewKey
          close={() => setAdding(false)}
          made={(text) => {
            setAdding(false);
            setSecret(text);
            listed.again();
          }}
        />
      )}
      <Once title="admin.key_once" text={secret} close={() => setSecret("")} />
    </>
  );
}

export function Valid({ until, revoked }: { until: string; revoked: string }) {
  const { t } = useWords();
  const now = useNow();
  if (revoked !== "0") return <Pill tone="off" shape="cross">{t("admin.ended")}</Pill>;
  return Number(until) < now ? <Pill tone="off" shape="ring">{t("admin.expired")}</Pill> : <Pill tone="ok" shape="check">{t("admin.valid")}</Pill>;
}

function NewKey({ close, made }: { close: () => void; made: (secret: string) => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<{ name: string; valid_days: number }>();
  const [error, setError] = useState<unknown>(null);
  const make = async (typed: { name: string; valid_days: number }) => {
    setError(null);
    try {
      made((await told(api.POST("/api/v1/keys", { body: { name: typed.name.trim(), valid_days: typed.valid_days } }))).secret);
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Modal open title={t("admin.new_key")} onCancel={close} onOk={form.submit} okText={t("admin.create")} cancelText={t("parts.back")}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ valid_days: 90 }} onFinish={(typed) => void make(typed)}>
        <Form.Item name="name" label={t("admin.name")} extra={t("admin.key_name_how")} rules={[{ required: true, whitespace: true, message: t("admin.name_needed") }]}>
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="valid_days" label={t("admin.valid_days")}>
          <InputNumber min={1} max={365} className="wide" />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
