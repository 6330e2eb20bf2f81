/** A run once more with other options: the form begins with what that run had, and only what then differs from the standard is sent. */
import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { api, told } from "@/api/client";
import type { Facts, TrainTask } from "@/api/types";
import { useAddress } from "@/parts/address";
import { readFacts, useOnce } from "@/parts/Begin";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { OptionFields, useOptions } from "@/parts/Options";
import { useWords } from "@/words";
import { alike, methodOf, optionsOf } from "./facts";
import { Value } from "./Value";

export function Clone() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["train-task", id],
    queryFn: async () => (await told(api.GET("/api/v1/train/tasks/{id}", { params: { path: { id } } }))).train_task,
  });
  if (found.data) return <Page task={found.data} />;
  return (
    <>
      <Head title={t("training.clone")} crumbs={[{ to: "/training", name: t("training.title") }]} />
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
    </>
  );
}

function Page({ task }: { task: TrainTask }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const kind = `train.${methodOf(task)}`;
  const known = useOptions(kind);
  const [params, put] = useAddress();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const once = useOnce();
  const before = optionsOf(task);
  const standard = (name: string) => known.data?.[name]?.default;
  const changes = readFacts(params.get("options")); // an option that was taken away is null there: the standard counts
  const now = Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null));
  const effective = (name: string) => now[name] ?? standard(name);
  const changed = Object.keys({ ...before, ...now }).filter((name) => !alike(before[name] ?? standard(name), effective(name)));
  const sent = Object.fromEntries(Object.entries(now).filter(([name, value]) => !alike(value, standard(name))));
  const name = params.get("name") ?? "";
  const change = (next: Facts) => {
    const gone = Object.keys(before).filter((each) => !(each in next));
    const other = Object.entries(next).filter(([each, value]) => !alike(before[each], value));
    const all = { ...Object.fromEntries(other), ...Object.fromEntries(gone.map((each) => [each, null])) };
    put({ options: Object.keys(all).length ? JSON.stringify(all) : "" });
  };
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      const title = name.trim();
      const base = task.base_version_id;
      const config = { model_id: task.model_id, name: title, method: methodOf(task), options: sent as never, ...(base !== "0" && { base_version_id: base }) };
      const id = await once(config, async () => (await told(api.POST("/api/v1/train/configs", { body: config }))).config.id);
      const valid = task.valid_dataset_version_id;
      const body = { train_config_id: id, train_dataset_version_id: task.train_dataset_version_id, name: title, ...(valid !== "0" && { valid_dataset_version_id: valid }) };
      const made = await told(api.POST("/api/v1/train/tasks", { body }));
      void navigate(`/training/${made.train_task.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  const ready = changed.length > 0 && name.trim() !== "";
  return (
    <>
      <Head
        title={t("training.clone_title", { name: task.name || task.id })}
        lead={t("training.clone_lead")}
        crumbs={[
          { to: "/training", name: t("training.title") },
          { to: `/training/${task.id}`, name: task.name || task.id },
        ]}
        code={{ verb: "POST", path: "/train/configs", body: { model_id: task.model_id, name: name.trim(), method: methodOf(task), options: sent } }}
        actions={
          <Button type="primary" onClick={() => void start()} loading={busy} disabled={!ready}>
            {t("training.clone_start")}
          </Button>
        }
      />
      {error !== null && <Failure error={error} />}
      <div className="cols">
        <section className="card">
          <div className="field">
            <label htmlFor="clone-name">{t("training.clone_name")}</label>
            <Input id="clone-name" value={name} maxLength={100} onChange={(event) => put({ name: event.target.value })} autoFocus />
            <p className="why">{t("training.clone_name_how")}</p>
          </div>
          <OptionFields id="clone" kind={kind} value={now} change={change} />
        </section>
        <section className="card" aria-live="polite">
          <h2>{t("training.clone_changed", { count: changed.length })}</h2>
          {changed.length === 0 ? (
            <p className="why">{t("training.clone_none")}</p>
          ) : (
            <dl className="facts">
              {changed.map((each) => (
                <Changed key={each} name={each} before={before[each] ?? standard(each)} after={effective(each)} back={() => change({ ...now, [each]: before[each] })} />
              ))}
            </dl>
          )}
        </section>
      </div>
    </>
  );
}

function Changed({ name, before, after, back }: { name: string; before: unknown; after: unknown; back: () => void }) {
  const { t } = useWords();
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Value value={before} /> → <b><Value value={after} /></b>{" "}
        <button type="button" className="plain inline" onClick={back} aria-label={`${t("training.clone_back")}: ${name}`}>
          {t("training.clone_back")}
        </button>
      </dd>
    </>
  );
}
