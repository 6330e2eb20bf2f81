/** The request behind a screen, for the shell and for Python. Both run as they stand once MODELYARD_TOKEN holds an API key. */
import { Button, Modal } from "antd";
import { useState } from "react";
import { useSession } from "@/api/session";
import { copied } from "./copied";
import { useWords, type Key } from "@/words";

export interface Call {
  verb?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below /api/v1, or the whole path of another door. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
}

const literal = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;

/** JSON as Python writes it. */
function python(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${python(each)}`).join(", ")}}`;
  return JSON.stringify(value);
}

export function curlOf({ verb = "GET", path, query, body }: Call, origin: string, space: string): string {
  const asked = query && Object.keys(query).length ? `?${new URLSearchParams(query).toString()}` : "";
  const address = `${origin}${path.startsWith("/v1/") ? "" : "/api/v1"}${path}${asked}`;
  const lines = [`curl -sS -X ${verb} ${literal(address)}`, `-H "authorization: Bearer $MODELYARD_TOKEN"`, `-H 'x-modelyard-space: ${space}'`];
  if (body !== undefined) lines.push(`-H 'content-type: application/json'`, `--data ${literal(JSON.stringify(body))}`);
  return lines.join(" \\\n  ");
}

export function pythonOf({ verb = "GET", path, query, body }: Call, origin: string, space: string): string {
  const open = `with Modelyard(${JSON.stringify(origin)}, token=os.environ["MODELYARD_TOKEN"], space=${space || "None"}) as yard:`;
  const lines = ["import os", "", "from libs.client.sdk import Modelyard", "", open];
  if (path === "/v1/chat/completions") {
    const { model, messages } = body as { model: string; messages: { content: string }[] };
    const asked = messages.at(-1)?.content ?? "";
    return [...lines, `    for piece in yard.chat(${JSON.stringify(model)}, ${JSON.stringify(asked)}):`, `        print(piece, end="")`].join("\n");
  }
  if (path === "/v1/classify") {
    const { model, input } = body as { model: string; input: string };
    return [...lines, `    print(yard.classify(${JSON.stringify(model)}, ${JSON.stringify(input)}))`].join("\n");
  }
  const facts = body === undefined ? "" : `, **${python(body)}`;
  const asked = query && Object.keys(query).length ? `, query=${python(query)}` : "";
  return [...lines, `    print(yard.call(${JSON.stringify(verb)}, ${JSON.stringify(path)}${asked}${facts}))`].join("\n");
}

export function AsCode({ call }: { call: Call }) {
  const { t } = useWords();
  const { space } = useSession();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("parts.as_code")}</Button>
      <Modal title={t("parts.as_code")} open={open} onCancel={() => setOpen(false)} footer={null} width={720} destroyOnHidden>
        <p className="why">{t("parts.as_code_how")}</p>
        <Snippet title="parts.curl" text={curlOf(call, window.location.origin, space)} />
        <Snippet title="parts.python" text={pythonOf(call, window.location.origin, space)} />
      </Modal>
    </>
  );
}

function Snippet({ title, text }: { title: Key; text: string }) {
  const { t } = useWords();
  const [done, setDone] = useState(false);
  return (
    <section className="snippet">
      <div className="tools">
        <b>{t(title)}</b>
        <span className="right">
          <Button size="small" onClick={() => void copied(text).then(setDone)}>
            {t(done ? "parts.copied" : "parts.copy")}
          </Button>
        </span>
      </div>
      <pre className="code" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
