/** A document on its way in: written here, or read from a file of this machine. */
import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Select } from "antd";
import { useRef, useState } from "react";
import { api, told } from "@/api/client";
import type { KnowledgeDocument } from "@/api/types";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";

type Kind = KnowledgeDocument["kind"];
const KINDS: Kind[] = ["PLAIN", "MARKDOWN", "HTML"];
const BY_ENDING: Record<string, Kind> = { md: "MARKDOWN", markdown: "MARKDOWN", html: "HTML", htm: "HTML" };
const LONGEST = 1_000_000;

interface Typed {
  name: string;
  kind: Kind;
  content: string;
}

export function Add({ base, close }: { base: string; close: () => void }) {
  const { t, word } = useWords();
  const questions = useQueryClient();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const input = useRef<HTMLInputElement>(null);
  const read = async (file: File) => {
    const kind = BY_ENDING[file.name.split(".").pop()!.toLowerCase()] ?? "PLAIN";
    form.setFieldsValue({ name: file.name, kind, content: await file.text() });
  };
  const add = async (typed: Typed) => {
    setBusy(true);
    setError(null);
    try {
      const body = { name: typed.name.trim(), kind: typed.kind, content: typed.content };
      await told(api.POST("/api/v1/knowledge/bases/{base_id}/documents", { params: { path: { base_id: base } }, body }));
      await questions.invalidateQueries({ queryKey: ["knowledge-base", base] });
      close();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Modal open title={t("knowledge.add")} onCancel={close} onOk={form.submit} okText={t("knowledge.add")} cancelText={t("parts.back")} confirmLoading={busy}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ kind: "PLAIN" }} onFinish={(typed) => void add(typed)}>
        <p>
          <input ref={input} type="file" accept=".txt,.md,.markdown,.html,.htm" hidden aria-label={t("knowledge.choose")} onChange={(event) => event.target.files?.[0] && void read(event.target.files[0])} />
          <Button onClick={() => input.current?.click()}>{t("knowledge.choose")}</Button>
        </p>
        <Form.Item name="name" label={t("knowledge.name")} rules={[{ required: true, whitespace: true, message: t("knowledge.name_needed") }]}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="kind" label={t("knowledge.kind")}>
          <Select options={KINDS.map((value) => ({ value, label: word("document_kind", value) }))} />
        </Form.Item>
        <Form.Item name="content" label={t("knowledge.content")} rules={[{ required: true, whitespace: true, message: t("knowledge.content_needed") }]}>
          <Input.TextArea rows={8} maxLength={LONGEST} />
        </Form.Item>
        {error !== null && <Failure error={error} />}
      </Form>
    </Modal>
  );
}
