/** Quotas with how much of each is used: all of the platform for administrators, who also set them; what bounds oneself for everybody else. */
import { Button, Form, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { FRESH } from "@/api/live";
import { useListed } from "@/api/pages";
import { useSession } from "@/api/session";
import type { Quota } from "@/api/types";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Table, type Column } from "@/parts/Table";
import { useWords, type Words } from "@/words";
import { CORE, GB, HOUR, Share } from "./amounts";

const KINDS = ["PLATFORM", "DEPARTMENT", "PERSON", "SPACE"] as const;
type Kind = (typeof KINDS)[number];

interface Typed {
  kind: Kind;
  subject_id?: string;
  cores?: number | null;
  gigabytes?: number | null;
  cards?: number | null;
  replicas?: number | null;
  hours?: number | null;
}

const whose = (row: Quota, { word }: Words) => `${word("quota_kind", row.kind)}${row.subject_id === "0" ? "" : ` ${row.subject_id}`}`;
const times = (value: number | null | undefined, unit: number) => (value === null || value === undefined ? undefined : String(Math.round(value * unit)));
const parts = (value: string | null | undefined, unit: number) => (value === null || value === undefined ? undefined : Number(value) / unit);

export function Quotas() {
  const words = useWords();
  const { t } = words;
  const administrator = !!useSession().me?.user.administrator;
  const [editing, setEditing] = useState<Quota | "new" | null>(null);
  const listed = useListed<Quota>(
    ["quotas", administrator],
    async (page) => {
      if (!administrator) return { rows: (await told(api.GET("/api/v1/resource/quotas/mine"))).quotas ?? [], next: null };
      const answer = await told(api.GET("/api/v1/resource/quotas", { params: { query: page } }));
      return { rows: answer.quotas ?? [], next: answer.next_cursor ?? null };
    },
    FRESH,
  );
  const columns: Column<Quota>[] = [
    { key: "whose", title: "resources.whose", cell: (row) => whose(row, words), value: (row) => whose(row, words) },
    { key: "cpu", title: "resources.cpu", cell: (row) => <Share used={row.used.cpu_milli} cap={row.limits.cpu_milli} unit={CORE} />, value: (row) => row.used.cpu_milli },
    { key: "memory", title: "resources.memory", cell: (row) => <Share used={row.used.memory_mb} cap={row.limits.memory_mb} unit={GB} />, value: (row) => row.used.memory_mb },
    {
      key: "accelerators",
      title: "resources.accelerators",
      cell: (row) => <Share used={row.used.accelerator_milli} cap={row.limits.accelerator_milli} unit={CORE} />,
      value: (row) => row.used.accelerator_milli,
    },
    { key: "replicas", title: "resources.replicas", cell: (row) => <Share used={row.used.replicas} cap={row.limits.replicas} unit={1} />, value: (row) => row.used.replicas },
    {
      key: "hours",
      title: "resources.hours",
      cell: (row) => <Share used={row.used.accelerator_seconds} cap={row.limits.accelerator_seconds} unit={HOUR} />,
      value: (row) => row.used.accelerator_seconds,
    },
    ...(administrator
      ? [{ key: "edit", title: "resources.edit" as const, cell: (row: Quota) => <Button size="small" onClick={() => setEditing(row)}>{t("resources.edit")}</Button>, value: () => "" }]
      : []),
  ];
  const tools = administrator && <Button onClick={() => setEditing("new")}>{t("resources.new_quota")}</Button>;
  const empty = <Empty title={t("resources.no_quotas")} text={t("resources.no_quotas_how")} />;
  return (
    <>
      <Table name="quotas" title={t("resources.quotas")} columns={columns} listed={listed} rowKey={(row) => `${row.kind}${row.subject_id}`} empty={empty} tools={tools} />
      {editing && (
        <Edit
          quota={editing === "new" ? null : editing}
          close={() => {
            setEditing(null);
            listed.again();
          }}
        />
      )}
    </>
  );
}

function Edit({ quota, close }: { quota: Quota | null; close: () => void }) {
  const words = useWords();
  const { t, word } = words;
  const [form] = Form.useForm<Typed>();
  const [error, setError] = useState<unknown>(null);
  const kind = Form.useWatch("kind", form);
  const limits = quota?.limits;
  const begins: Typed = {
    kind: quota?.kind ?? "SPACE",
    subject_id: quota?.subject_id,
    cores: parts(limits?.cpu_milli, CORE),
    gigabytes: parts(limits?.memory_mb, GB),
    cards: parts(limits?.accelerator_milli, CORE),
    replicas: parts(limits?.replicas, 1),
    hours: parts(limits?.accelerator_seconds, HOUR),
  };
  const save = async (typed: Typed) => {
    setError(null);
    const body = {
      kind: typed.kind,
      subject_id: typed.kind === "PLATFORM" ? undefined : typed.subject_id?.trim(),
      department_id: quota && quota.department_id !== "0" ? quota.department_id : undefined,
      cpu_milli: times(typed.cores, CORE),
      memory_mb: times(typed.gigabytes, GB),
      accelerator_milli: times(typed.cards, CORE),
      replicas: times(typed.replicas, 1),
      accelerator_seconds: times(typed.hours, HOUR),
      tokens: limits?.tokens ?? undefined,
      annotation_seconds: limits?.annotation_seconds ?? undefined,
      window: quota?.window,
      expected_version: quota?.version ?? 0,
    };
    try {
      await told(api.PUT("/api/v1/resource/quotas", { body }));
      close();
    } catch (caught) {
      setError(caught);
    }
  };
  const number = (name: keyof Typed, label: string, step: number) => (
    <Form.Item name={name} label={label}>
      <InputNumber min={0} step={step} className="wide" />
    </Form.Item>
  );
  const title = quota ? t("resources.edit_title", { whose: whose(quota, words) }) : t("resources.new_quota");
  return (
    <Modal open title={title} onCancel={close} onOk={form.submit} okText={t("resources.save")} cancelText={t("parts.back")}>
      <p className="why">{t("resources.edit_how")}</p>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={begins} onFinish={(typed) => void save(typed)}>
        <Form.Item name="kind" label={t("resources.kind")} hidden={!!quota}>
          <Select options={KINDS.map((each) => ({ value: each, label: word("quota_kind", each) }))} />
        </Form.Item>
        {kind !== "PLATFORM" && (
          <Form.Item name="subject_id" label={t("resources.subject")} hidden={!!quota} rules={[{ required: true, pattern: /^[0-9]+$/, message: t("resources.subject_needed") }]}>
            <Input />
          </Form.Item>
        )}
        {number("cores", t("resources.cores"), 1)}
        {number("gigabytes", t("resources.gigabytes"), 1)}
        {number("cards", t("resources.cards"), 1)}
        {number("replicas", t("resources.replicas"), 1)}
        {number("hours", t("resources.window_hours", { window: word("quota_window", quota?.window ?? "MONTH") }), 1)}
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
