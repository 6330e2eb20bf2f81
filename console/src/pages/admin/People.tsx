/** Who may do what in this space; administrators also see every account of the platform. */
import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import { readMembers } from "@/api/people";
import { useRoles, useSession } from "@/api/session";
import type { Membership, User } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Pill } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { Tabs, useTab } from "@/parts/Tabs";
import { useWords } from "@/words";
import { Secrecy } from "../datasets/Secrecy";
import { Once } from "./Once";

export function People() {
  const { t } = useWords();
  const { me } = useSession();
  const tabs = [{ key: "members", name: t("admin.members") }, ...(me?.user.administrator ? [{ key: "accounts", name: t("admin.accounts") }] : [])];
  const on = useTab(tabs);
  return (
    <>
      <Head title={t("admin.people")} lead={t("admin.people_lead")} code={{ path: on === "members" ? "/memberships" : "/users" }} />
      <Tabs tabs={tabs} on={on} />
      {on === "members" ? <Members /> : <Accounts />}
    </>
  );
}

function Members() {
  const { t, word } = useWords();
  const owner = useRoles().includes("owner");
  const [adding, setAdding] = useState(false);
  const listed = useListed<Membership>(["members"], readMembers);
  const take = async (row: Membership) => {
    await told(api.DELETE("/api/v1/memberships/{id}", { params: { path: { id: row.id }, query: { expected_version: row.version } } }));
    listed.again();
  };
  const columns: Column<Membership>[] = [
    { key: "account", title: "admin.account", cell: (row) => <bdi className="name">{row.account}</bdi>, value: (row) => row.account },
    { key: "role", title: "admin.role", cell: (row) => word("role", row.role), value: (row) => row.role },
    { key: "clearance", title: "admin.clearance", cell: (row) => <Secrecy value={row.clearance} />, value: (row) => row.clearance },
    { key: "since", title: "admin.since", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
    { key: "id", title: "admin.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
    ...(owner
      ? [
          {
            key: "take",
            title: "admin.change" as const,
            cell: (row: Membership) => <Confirm label={t("admin.take")} what={t("admin.take_what", { account: row.account, role: word("role", row.role) })} look={{ size: "small", danger: true }} run={() => take(row)} />,
            value: () => "",
          },
        ]
      : []),
  ];
  const add = owner && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t("admin.add")}
    </Button>
  );
  return (
    <>
      <Table name="members" title={t("admin.members")} columns={columns} listed={listed} rowKey={(row) => row.id} tools={add} empty={<Empty title={t("admin.no_members")} text={t("admin.people_lead")} />} />
      {adding && (
        <Add
          close={() => {
            setAdding(false);
            listed.again();
          }}
        />
      )}
    </>
  );
}

const ROLES: Membership["role"][] = ["viewer", "developer", "operator", "owner", "annotator", "rater", "inspector", "agent"];
const LEVELS: Membership["clearance"][] = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "SECRET"];

interface Typed {
  account: string;
  role: Membership["role"];
  clearance: Membership["clearance"];
}

function Add({ close }: { close: () => void }) {
  const { t, word } = useWords();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const questions = useQueryClient();
  const make = async (typed: Typed) => {
    setBusy(true);
    setError(null);
    try {
      await told(api.POST("/api/v1/memberships", { body: { ...typed, account: typed.account.trim() } }));
      void questions.invalidateQueries({ queryKey: ["people"] });
      close();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Modal open title={t("admin.add")} onCancel={close} onOk={form.submit} okText={t("admin.add")} cancelText={t("parts.back")} confirmLoading={busy}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ role: "viewer", clearance: "PUBLIC" }} onFinish={(typed) => void make(typed)}>
        <Form.Item name="account" label={t("admin.account")} extra={t("admin.account_how")} rules={[{ required: true, whitespace: true, message: t("admin.account_needed") }]}>
          <Input maxLength={64} autoFocus />
        </Form.Item>
        <Form.Item name="role" label={t("admin.role")}>
          <Select options={ROLES.map((value) => ({ value, label: word("role", value) }))} />
        </Form.Item>
        <Form.Item name="clearance" label={t("admin.clearance")} extra={t("admin.clearance_how")}>
          <Select options={LEVELS.map((value) => ({ value, label: word("secrecy", value) }))} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}

function Accounts() {
  const { t } = useWords();
  const { me } = useSession();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState("");
  const listed = useListed<User>(["users"], async (page) => {
    const answer = await told(api.GET("/api/v1/users", { params: { query: page } }));
    return { rows: answer.users ?? [], next: answer.next_cursor ?? null };
  });
  const password = async (row: User) => {
    const answer = await told(api.POST("/api/v1/users/{id}/password", { params: { path: { id: row.id } }, body: {} }));
    setSecret(answer.password);
  };
  const toggle = async (row: User) => {
    await told(api.PATCH("/api/v1/users/{id}", { params: { path: { id: row.id } }, body: { disabled: !row.disabled, expected_version: row.version } }));
    listed.again();
  };
  const columns: Column<User>[] = [
    { key: "account", title: "admin.account", cell: (row) => <bdi className="name">{row.account}</bdi>, value: (row) => row.account },
    { key: "name", title: "admin.name", cell: (row) => <bdi>{row.name || "—"}</bdi>, value: (row) => row.name },
    { key: "kind", title: "admin.kind", cell: (row) => t(row.administrator ? "admin.administrator" : "admin.user"), value: (row) => row.administrator },
    {
      key: "state",
      title: "admin.state",
      cell: (row) => (row.disabled ? <Pill tone="off" shape="cross">{t("admin.disabled")}</Pill> : <Pill tone="ok" shape="check">{t("admin.active")}</Pill>),
      value: (row) => (row.disabled ? "disabled" : "active"),
    },
    { key: "issuer", title: "admin.issuer", cell: (row) => row.issuer || t("admin.local"), value: (row) => row.issuer, extra: true },
    { key: "since", title: "admin.since", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
    { key: "id", title: "admin.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
    {
      key: "change",
      title: "admin.change",
      cell: (row) => (
        <span className="acts">
          <Confirm label={t("admin.new_password")} what={t("admin.new_password_what", { account: row.account })} look={{ size: "small" }} run={() => password(row)} />
          {row.id !== me?.user.id && (
            <Confirm label={t(row.disabled ? "admin.enable" : "admin.disable")} what={t(row.disabled ? "admin.enable_what" : "admin.disable_what", { account: row.account })} look={{ size: "small", danger: !row.disabled }} run={() => toggle(row)} />
          )}
        </span>
      ),
      value: () => "",
    },
  ];
  return (
    <>
      <Table
        name="accounts"
        title={t("admin.accounts")}
        columns={columns}
        listed={listed}
        rowKey={(row) => row.id}
        tools={
          <Button type="primary" onClick={() => setAdding(true)}>
            {t("admin.new_account")}
          </Button>
        }
        empty={<Empty title={t("admin.no_members")} text={t("admin.people_lead")} />}
      />
      {adding && (
        <NewAccount
          close={() => {
            setAdding(false);
            listed.again();
          }}
        />
      )}
      <Once title="admin.password_once" text={secret} close={() => setSecret("")} />
    </>
  );
}

function NewAccount({ close }: { close: () => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<{ account: string; name?: string }>();
  const [error, setError] = useState<unknown>(null);
  const make = async (typed: { account: string; name?: string }) => {
    setError(null);
    try {
      await told(api.POST("/api/v1/users", { body: { account: typed.account.trim(), ...(typed.name && { name: typed.name }) } }));
      close();
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Modal open title={t("admin.new_account")} onCancel={close} onOk={form.submit} okText={t("admin.create")} cancelText={t("parts.back")}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(typed) => void make(typed)}>
        <Form.Item name="account" label={t("admin.account")} extra={t("admin.new_account_how")} rules={[{ required: true, whitespace: true, message: t("admin.account_needed") }]}>
          <Input maxLength={64} autoFocus />
        </Form.Item>
        <Form.Item name="name" label={t("admin.name")}>
          <Input maxLength={100} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
