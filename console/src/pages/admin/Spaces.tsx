/** Departments and the project spaces in them: the walls between what people see. For administrators. */
import { Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { Department, Space } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Table, type Column } from "@/parts/Table";
import { Tabs, useTab } from "@/parts/Tabs";
import { useWords } from "@/words";

const useDepartments = () =>
  useListed<Department>(["departments"], async (page) => {
    const answer = await told(api.GET("/api/v1/departments", { params: { query: page } }));
    return { rows: answer.departments ?? [], next: answer.next_cursor ?? null };
  });

const DEPARTMENTS: Column<Department>[] = [
  { key: "name", title: "admin.name", cell: (row) => <bdi className="name">{row.name}</bdi>, value: (row) => row.name },
  { key: "desc", title: "admin.about", cell: (row) => <bdi>{row.desc || "—"}</bdi>, value: (row) => row.desc },
  { key: "since", title: "admin.since", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
  { key: "id", title: "admin.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id },
];

export function Spaces() {
  const { t } = useWords();
  const tabs = [
    { key: "spaces", name: t("admin.spaces") },
    { key: "departments", name: t("admin.departments") },
  ];
  const on = useTab(tabs);
  const departments = useDepartments();
  const spaces = useListed<Space>(["spaces"], async (page) => {
    const answer = await told(api.GET("/api/v1/spaces", { params: { query: page } }));
    return { rows: answer.spaces ?? [], next: answer.next_cursor ?? null };
  });
  const [adding, setAdding] = useState<"" | "space" | "department">("");
  const nameOf = (id: string) => departments.rows.find((each) => each.id === id)?.name ?? id;
  const columns: Column<Space>[] = [
    { key: "name", title: "admin.name", cell: (row) => <bdi className="name">{row.name}</bdi>, value: (row) => row.name },
    { key: "department", title: "admin.department", cell: (row) => <bdi>{nameOf(row.department_id)}</bdi>, value: (row) => nameOf(row.department_id) },
    { key: "desc", title: "admin.about", cell: (row) => <bdi>{row.desc || "—"}</bdi>, value: (row) => row.desc },
    { key: "since", title: "admin.since", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
    { key: "id", title: "admin.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id },
  ];
  const empty = <Empty title={t("admin.no_spaces")} text={t("admin.spaces_lead")} />;
  return (
    <>
      <Head
        title={t("admin.spaces")}
        lead={t("admin.spaces_lead")}
        code={{ path: on === "spaces" ? "/spaces" : "/departments" }}
        actions={
          <Button type="primary" onClick={() => setAdding(on === "spaces" ? "space" : "department")}>
            {t(on === "spaces" ? "admin.new_space" : "admin.new_department")}
          </Button>
        }
      />
      <Tabs tabs={tabs} on={on} />
      {on === "spaces" ? (
        <Table name="spaces" title={t("admin.spaces")} columns={columns} listed={spaces} rowKey={(row) => row.id} empty={empty} />
      ) : (
        <Table name="departments" title={t("admin.departments")} columns={DEPARTMENTS} listed={departments} rowKey={(row) => row.id} empty={empty} />
      )}
      {adding && (
        <New
          kind={adding}
          departments={departments.rows}
          close={() => {
            setAdding("");
            spaces.again();
            departments.again();
          }}
        />
      )}
    </>
  );
}

interface Typed {
  name: string;
  desc?: string;
  department_id: string;
}

function New({ kind, departments, close }: { kind: "space" | "department"; departments: Department[]; close: () => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<Typed>();
  const [error, setError] = useState<unknown>(null);
  const make = async (typed: Typed) => {
    setError(null);
    const body = { name: typed.name.trim(), desc: typed.desc ?? "" };
    try {
      if (kind === "space") await told(api.POST("/api/v1/spaces", { body: { ...body, department_id: typed.department_id } }));
      else await told(api.POST("/api/v1/departments", { body }));
      close();
    } catch (caught) {
      setError(caught);
    }
  };
  const title = t(kind === "space" ? "admin.new_space" : "admin.new_department");
  return (
    <Modal open title={title} onCancel={close} onOk={form.submit} okText={t("admin.create")} cancelText={t("parts.back")}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ department_id: departments[0]?.id }} onFinish={(typed) => void make(typed)}>
        {kind === "space" && (
          <Form.Item name="department_id" label={t("admin.department")}>
            <Select options={departments.map((each) => ({ value: each.id, label: each.name }))} />
          </Form.Item>
        )}
        <Form.Item name="name" label={t("admin.name")} rules={[{ required: true, whitespace: true, message: t("admin.name_needed") }]}>
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="desc" label={t("admin.about")}>
          <Input.TextArea rows={2} maxLength={1000} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
