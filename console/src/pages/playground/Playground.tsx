/** Try a deployed model: the answer streams, can be stopped, and says which version and digest gave it. */
import { Button, Input, InputNumber, Select } from "antd";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { STEP, useAddress } from "@/parts/address";
import type { Call } from "@/parts/AsCode";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { useWords } from "@/words";
import { useProjects } from "../models/api";
import { ask, useFamily, type Answered, type Turn } from "./api";
import { Classify } from "./Classify";

interface Said extends Turn {
  by?: Answered & { ms: number };
  stopped?: boolean;
}

export function Playground() {
  const { t } = useWords();
  const [params, change] = useAddress();
  const projects = useProjects();
  const online = projects.rows.filter((project) => project.status === "ONLINE");
  const model = params.get("model") ?? online[0]?.name ?? "";
  const family = useFamily(online.find((project) => project.name === model));
  const classifies = family.data?.endsWith("_classifier") ?? false;
  const talk = useTalk(model);
  const [text, setText] = useState("");
  const question = text || talk.said.findLast((turn) => turn.role === "user")?.content || t("playground.sample");
  const code: Call = classifies
    ? { verb: "POST", path: "/v1/classify", body: { model, input: question } }
    : { verb: "POST", path: "/v1/chat/completions", body: { model, messages: [{ role: "user", content: question }] } };
  const go = () => {
    if (!text.trim() || talk.busy) return;
    talk.ask(text.trim());
    setText("");
  };
  if (!projects.pending && !projects.error && !online.length)
    return (
      <>
        <Head title={t("playground.title")} lead={t("playground.lead")} />
        <div className="card">
          <Empty title={t("playground.none")} text={t("playground.none_how")} action={<Link to="/orders">{t("playground.to_orders")}</Link>} />
        </div>
      </>
    );
  return (
    <>
      <Head title={t("playground.title")} lead={t("playground.lead")} {...(model && { code })} />
      {projects.error && <Failure error={projects.error} again={projects.again} />}
      <div className="cols">
        {classifies ? (
          <Classify key={model} model={model} text={text} change={setText} />
        ) : (
          <section className="card">
            <div className="talk" role="log" aria-label={t("playground.talk")} tabIndex={0}>
              {talk.said.length === 0 && <p className="why">{t("playground.ask_first")}</p>}
              {talk.said.map((turn, index) => (
                <Bubble key={index} turn={turn} busy={talk.busy && index === talk.said.length - 1} />
              ))}
              {talk.error !== null && <Failure error={talk.error} />}
            </div>
            <div className="ask">
              <Input.TextArea
                value={text}
                onChange={(event) => setText(event.target.value)}
                onPressEnter={(event) => {
                  if (event.shiftKey || event.nativeEvent.isComposing) return;
                  event.preventDefault();
                  go();
                }}
                rows={3}
                maxLength={4000}
                placeholder={t("playground.placeholder")}
                aria-label={t("playground.placeholder")}
              />
              {talk.busy ? (
                <Button danger onClick={talk.stop}>
                  {t("playground.stop")}
                </Button>
              ) : (
                <Button type="primary" onClick={go} disabled={!text.trim() || !model}>
                  {t("playground.send")}
                </Button>
              )}
            </div>
          </section>
        )}
        <section className="card">
          <h2>{t("playground.settings")}</h2>
          <div className="field">
            <label htmlFor="model">{t("playground.model")}</label>
            <Select id="model" value={model || null} options={online.map((project) => ({ value: project.name, label: project.name }))} onChange={(name: string) => change({ model: name }, STEP)} className="wide" loading={projects.pending} />
          </div>
          {!classifies && (
            <>
              <div className="field">
                <label htmlFor="tokens">{t("playground.tokens")}</label>
                <InputNumber id="tokens" min={1} max={512} value={talk.tokens} onChange={(value) => talk.setTokens(value ?? 64)} className="wide" />
              </div>
              <div className="field">
                <label htmlFor="heat">{t("playground.temperature")}</label>
                <InputNumber id="heat" min={0} max={2} step={0.1} value={talk.heat} onChange={(value) => talk.setHeat(value ?? 0)} className="wide" />
              </div>
              <Button onClick={talk.clear} disabled={!talk.said.length || talk.busy}>
                {t("playground.clear")}
              </Button>
            </>
          )}
        </section>
      </div>
    </>
  );
}

function Bubble({ turn, busy }: { turn: Said; busy: boolean }) {
  const { t, num } = useWords();
  return (
    <div className={`turn ${turn.role === "user" ? "you" : "model"}`}>
      <bdi>{turn.content}</bdi>
      {busy && turn.role === "assistant" && "▍"}
      {turn.by && (
        <span className="by">
          {t("playground.by", { version: turn.by.version, ms: num(turn.by.ms) })} <Id id={turn.by.digest} /> · {t("parts.request")} <Id id={turn.by.request} />
        </span>
      )}
      {turn.stopped && <span className="by">{t("playground.stopped")}</span>}
    </div>
  );
}

function useTalk(model: string) {
  const [said, setSaid] = useState<Said[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [tokens, setTokens] = useState(64);
  const [heat, setHeat] = useState(0);
  const stopper = useRef<AbortController | null>(null);
  const last = (change: (turn: Said) => Said) => setSaid((turns) => [...turns.slice(0, -1), change(turns.at(-1)!)]);
  const put = async (content: string) => {
    const question: Said = { role: "user", content };
    const before = [...said, question];
    setSaid([...before, { role: "assistant", content: "" }]);
    setBusy(true);
    setError(null);
    stopper.current = new AbortController();
    const started = performance.now();
    try {
      const body = { model, messages: [{ role: "user", content } as Turn], stream: true as const, max_tokens: tokens, temperature: heat };
      const by = await ask(body, stopper.current.signal, (piece) => last((turn) => ({ ...turn, content: turn.content + piece })));
      last((turn) => ({ ...turn, by: { ...by, ms: performance.now() - started } }));
    } catch (caught) {
      if (stopper.current.signal.aborted) last((turn) => ({ ...turn, stopped: true }));
      else {
        setSaid(before);
        setError(caught);
      }
    } finally {
      setBusy(false);
    }
  };
  return {
    said,
    busy,
    error,
    tokens,
    heat,
    setTokens,
    setHeat,
    ask: (content: string) => void put(content),
    stop: () => stopper.current?.abort(),
    clear: () => setSaid([]),
  };
}
