/** One prompt: its words, changed into the next version; the versions with what is new in each; and the labels that programs ask for. */
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, told } from "@/api/client";
import { usePeople } from "@/api/people";
import { useRoles } from "@/api/session";
import type { Prompt as Found, PromptVersion } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Diff } from "@/parts/Diff";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { useWords } from "@/words";
import { labelsOf, useVersions } from "./api";

export function Prompt() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["prompt", id],
    queryFn: async () => (await told(api.GET("/api/v1/eval/prompts/{id}", { params: { path: { id } } }))).prompt,
  });
  const crumbs = [{ to: "/prompts", name: t("prompts.title") }];
  if (!found.data)
    return (
      <>
        <Head title={t("prompts.prompt")} crumbs={crumbs} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  const prompt = found.data;
  const again = () => void found.refetch();
  return (
    <>
      <Head
        title={prompt.name}
        crumbs={crumbs}
        state={<span className="pill">v{prompt.newest}</span>}
        code={{ path: `/eval/prompts/${id}` }}
        actions={
          <Link to={`/grids/new?prompts=${prompt.prompt_version_id}`}>
            <Button>{t("prompts.to_grid")}</Button>
          </Link>
        }
        lead={prompt.desc || t("prompts.lead")}
      />
      <div className="cols below">
        <div className="stack">
          <Editor key={prompt.prompt_version_id} prompt={prompt} again={again} />
          <Versions prompt={prompt} />
        </div>
        <Labels key={prompt.newest} prompt={prompt} again={again} />
      </div>
    </>
  );
}

/** What may change runs through here: busy, and what went wrong. */
function useSent(again: () => void): [boolean, unknown, (send: () => Promise<unknown>) => Promise<void>] {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (send: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await send();
      again();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return [busy, error, run];
}

const useWrites = () => useRoles().some((role) => role === "owner" || role === "developer");

function Editor({ prompt, again }: { prompt: Found; again: () => void }) {
  const { t } = useWords();
  const writes = useWrites();
  const [system, setSystem] = useState(prompt.system);
  const [template, setTemplate] = useState(prompt.template);
  const [note, setNote] = useState("");
  const [busy, error, run] = useSent(again);
  const changed = system !== prompt.system || template !== prompt.template;
  const body = { system, template, expected_version: prompt.version, ...(note && { note }) };
  return (
    <section className="card form" aria-label={t("prompts.version", { number: prompt.newest })}>
      <h2>{t("prompts.version", { number: prompt.newest })}</h2>
      <div className="field">
        <label htmlFor="system">{t("prompts.system")}</label>
        <Input.TextArea id="system" rows={3} className="grows" maxLength={20_000} value={system} disabled={!writes} onChange={(event) => setSystem(event.target.value)} />
      </div>
      <div className="field">
        <label htmlFor="template">{t("prompts.template")}</label>
        <Input.TextArea id="template" rows={6} className="grows" maxLength={20_000} value={template} disabled={!writes} onChange={(event) => setTemplate(event.target.value)} />
        <p className="why">{t("prompts.template_how")}</p>
      </div>
      {changed && (
        <>
          <div className="field">
            <label htmlFor="note">{t("prompts.note")}</label>
            <Input id="note" maxLength={1000} value={note} onChange={(event) => setNote(event.target.value)} />
          </div>
          {error !== null && <Failure error={error} />}
          <Button type="primary" loading={busy} onClick={() => void run(() => told(api.PATCH("/api/v1/eval/prompts/{id}", { params: { path: { id: prompt.id } }, body })))}>
            {t("prompts.save", { number: prompt.newest + 1 })}
          </Button>
        </>
      )}
    </section>
  );
}

function Versions({ prompt }: { prompt: Found }) {
  const { t } = useWords();
  const listed = useVersions(prompt.id);
  const people = usePeople();
  return (
    <section className="card" aria-label={t("prompts.versions")}>
      <h2>{t("prompts.versions")}</h2>
      {listed.error && <Failure error={listed.error} again={listed.again} />}
      {listed.rows.map((version, place) => (
        <article className="change" key={version.id}>
          <p>
            <b>{t("prompts.version", { number: version.number })}</b> {labelsOf(prompt).filter(([, number]) => number === version.number).map(([label]) => <span className="pill" key={label}>{label}</span>)}{" "}
            <small>
              {people(version.user_id)} · <Ago time={version.create_time} /> · <Id id={version.content_hash} />
            </small>
          </p>
          {version.note && <p className="why"><bdi>{version.note}</bdi></p>}
          <What version={version} before={listed.rows[place + 1]} />
        </article>
      ))}
      {listed.more && <Button onClick={listed.loadMore} loading={listed.loading}>{t("parts.more")}</Button>}
    </section>
  );
}

const textOf = (version: PromptVersion) => [version.system, version.template].filter(Boolean).join("\n\n");

function What({ version, before }: { version: PromptVersion; before: PromptVersion | undefined }) {
  const { t } = useWords();
  if (!before) return version.number === 1 ? <p className="said">{textOf(version)}</p> : null;
  return (
    <>
      <p className="why">{t("prompts.changed")}</p>
      <Diff before={textOf(before)} after={textOf(version)} />
    </>
  );
}

function Labels({ prompt, again }: { prompt: Found; again: () => void }) {
  const { t } = useWords();
  const writes = useWrites();
  const [label, setLabel] = useState("production");
  const [number, setNumber] = useState(prompt.newest);
  const [busy, error, run] = useSent(again);
  const put = (name: string, at: number) =>
    run(() => told(api.PUT("/api/v1/eval/prompts/{id}/labels/{label}", { params: { path: { id: prompt.id, label: name } }, body: { number: at, expected_version: prompt.version } })));
  const offered = Array.from({ length: prompt.newest }, (_, place) => prompt.newest - place).slice(0, 200);
  return (
    <section className="card" aria-label={t("prompts.labels")}>
      <h2>{t("prompts.labels")}</h2>
      <p className="why">{t("prompts.labels_how", { name: prompt.name })}</p>
      {labelsOf(prompt).map(([name, at]) => (
        <p key={name}>
          <span className="pill">{name}</span> v{at}{" "}
          {writes && (
            <Button size="small" aria-label={t("prompts.take", { label: name })} disabled={busy} onClick={() => void put(name, 0)}>
              ×
            </Button>
          )}
        </p>
      ))}
      {writes && (
        <div className="tools">
          <Input aria-label={t("prompts.label")} value={label} maxLength={40} className="filter" onChange={(event) => setLabel(event.target.value)} />
          <Select aria-label={t("prompts.label_at")} value={number} onChange={setNumber} options={offered.map((each) => ({ value: each, label: `v${each}` }))} />
          <Button loading={busy} disabled={!label.trim()} onClick={() => void put(label.trim(), number)}>
            {t("prompts.put")}
          </Button>
        </div>
      )}
      {error !== null && <Failure error={error} />}
      <Moved prompt={prompt} />
    </section>
  );
}

/** Where labels stood before. */
function Moved({ prompt }: { prompt: Found }) {
  const { t } = useWords();
  const people = usePeople();
  const found = useQuery({
    queryKey: ["prompt", prompt.id, "events", prompt.version],
    queryFn: async () => (await told(api.GET("/api/v1/eval/events", { params: { query: { entity: "prompt", entity_id: prompt.id, limit: 200 } } }))).events ?? [],
  });
  if (!found.data?.length) return null;
  const at = (number: number | undefined) => (number ? `v${number}` : t("prompts.nowhere"));
  return (
    <>
      <h2 className="between more">{t("prompts.history")}</h2>
      {[...found.data].reverse().map((event) => (
        <p key={event.id}>
          {t("prompts.moved", { label: event.reason, from: at(Number(event.from_status)), to: at(Number(event.to_status)) })}{" "}
          <small>
            {people(event.user_id ?? "")} · <Ago time={event.create_time ?? "0"} />
          </small>
        </p>
      ))}
    </>
  );
}
