/** One training run: its live curves, what it was started with, what happened to it, and the ways to stop it and let it go on. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { Fragment, useMemo, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, told } from "@/api/client";
import { FRESH, unlessLive, whileOpen } from "@/api/live";
import type { MetricPoint, TrainTask } from "@/api/types";
import { Chart } from "@/parts/Chart";
import { Confirm } from "@/parts/Confirm";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { State } from "@/parts/State";
import { TaskFacts } from "@/parts/TaskFacts";
import { TaskLog } from "@/parts/TaskLog";
import { useWords } from "@/words";
import { readEvents } from "../models/api";
import { EventList } from "../models/Events";
import { ModelName } from "../models/ModelName";
import { lineOf, readPoints } from "../models/Overview";
import { optionsOf, resultOf } from "./facts";
import { Value } from "./Value";

export function Run() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["train-task", id],
    refetchInterval: whileOpen((task) => task.finish_time === "0"),
    queryFn: async () => (await told(api.GET("/api/v1/train/tasks/{id}", { params: { path: { id } } }))).train_task,
  });
  if (!found.data)
    return (
      <>
        <Head title={t("training.run")} crumbs={[{ to: "/training", name: t("training.title") }]} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  return <Page task={found.data} again={() => void found.refetch()} />;
}

function Page({ task, again }: { task: TrainTask; again: () => void }) {
  const { t } = useWords();
  const [error, setError] = useState<unknown>(null);
  const events = useQuery({
    queryKey: ["events", "train_task", task.id, task.version],
    placeholderData: (before) => before,
    queryFn: async () => (await readEvents("train_task", task.id)).reverse(),
  });
  return (
    <>
      <Head
        title={task.name || task.id}
        crumbs={[{ to: "/training", name: t("training.title") }]}
        state={<State kind="task" value={task.status} />}
        code={{ path: `/train/tasks/${task.id}` }}
        actions={<Actions task={task} again={again} tell={setError} />}
        lead={
          <>
            <span>
              {t("training.model")}{" "}
              <b>
                <ModelName id={task.model_id} />
              </b>
            </span>
            <span>
              <Link to={`/datasets/versions/${task.train_dataset_version_id}`}>{t("training.data")}</Link>
            </span>
            {task.base_version_id !== "0" && (
              <span>
                {t("training.base")} <Base id={task.base_version_id} />
              </span>
            )}
            {task.artifact_digest && (
              <span>
                {t("training.weights")} <Id id={task.artifact_digest} />
              </span>
            )}
          </>
        }
      />
      {error !== null && <Failure error={error} />}
      <div className="cols">
        <div>
          <TaskFacts task={task} />
          <Curves task={task} />
          <TaskLog of="train" id={task.id} />
        </div>
        <div>
          <Options task={task} />
          <section className="card">
            <h2>{t("training.events")}</h2>
            {events.error ? <Failure error={events.error} /> : <EventList events={events.data ?? []} />}
          </section>
        </div>
      </div>
    </>
  );
}

/** The version a run goes on from, by its model's name and its number. */
function Base({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ["model-version", id],
    retry: false,
    queryFn: async () => (await told(api.GET("/api/v1/models/versions/{id}", { params: { path: { id } } }))).model_version,
  });
  if (!found.data) return <Id id={id} />;
  return (
    <b>
      <ModelName id={found.data.project_id} /> v{found.data.number}
    </b>
  );
}

function Actions({ task, again, tell }: { task: TrainTask; again: () => void; tell: (error: unknown) => void }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const params = { path: { id: task.id } };
  const run = async (what: () => Promise<unknown>) => {
    tell(null);
    try {
      await what();
      again();
    } catch (caught) {
      tell(caught);
    }
  };
  const once = async () => {
    const body = { train_config_id: task.train_config_id, train_dataset_version_id: task.train_dataset_version_id, name: task.name };
    const made = await told(api.POST("/api/v1/train/tasks", { body }));
    void navigate(`/training/${made.train_task.id}`);
  };
  const open = !["SUCCEEDED", "FAILED", "CANCELLED", "CANCELLING"].includes(task.status);
  return (
    <>
      {task.status === "RUNNING" && <Button onClick={() => void run(() => told(api.POST("/api/v1/train/tasks/{id}/pause", { params, body: {} })))}>{t("training.pause")}</Button>}
      {task.status === "PAUSED" && (
        <Button type="primary" onClick={() => void run(() => told(api.POST("/api/v1/train/tasks/{id}/resume", { params, body: {} })))}>
          {t("training.resume")}
        </Button>
      )}
      {open && (
        <Confirm
          label={t("training.cancel")}
          what={t("training.cancel_what")}
          reason="optional"
          look={{ danger: true }}
          run={async (cause) => {
            await told(api.POST("/api/v1/train/tasks/{id}/cancel", { params, body: cause ? { cause } : {} }));
            again();
          }}
        />
      )}
      <Link to={`/training/compare?runs=${task.id}`}>
        <Button>{t("training.compare_with")}</Button>
      </Link>
      {task.status === "SUCCEEDED" && (
        <Link to={`/evaluation/new?model=${task.model_id}&version=${task.model_version_id}`}>
          <Button type="primary">{t("training.evaluate")}</Button>
        </Link>
      )}
      <Link to={`/training/${task.id}/clone`}>
        <Button>{t("training.clone")}</Button>
      </Link>
      {!open && task.status !== "CANCELLING" && <Confirm label={t("training.repeat")} what={t("training.repeat_what")} run={once} />}
    </>
  );
}

const SHOWN = ["loss", "valid_loss"];

/** The points so far; when the task reports more, only what is new is read. A further attempt reports steps again: it is read whole. */
function usePoints(task: TrainTask): { points: MetricPoint[]; error: Error | null } {
  const questions = useQueryClient();
  const key = useMemo(() => ["points", task.id, task.attempt], [task.id, task.attempt]);
  const found = useQuery<MetricPoint[]>({
    queryKey: key,
    refetchInterval: unlessLive(task.finish_time === "0" ? FRESH : false),
    placeholderData: (before) => before,
    queryFn: async () => {
      const known = questions.getQueryData<MetricPoint[]>(key) ?? [];
      return merged(known, await readPoints(task.id, Number(known.at(-1)?.step ?? 0) - 1)); // the last step may not have been whole
    },
  });
  return { points: found.data ?? [], error: found.error };
}

/** What is reported again counts. */
function merged(known: MetricPoint[], fresh: MetricPoint[]): MetricPoint[] {
  const points = new Map([...known, ...fresh].map((point) => [`${point.name}/${point.step}`, point]));
  return [...points.values()].sort((a, b) => Number(a.step) - Number(b.step));
}

function Curves({ task }: { task: TrainTask }) {
  const { t } = useWords();
  const { points, error } = usePoints(task);
  const [scale, setScale] = useState<"log" | "value">("log");
  const names = useMemo(() => [...new Set(points.map((point) => point.name))], [points]);
  const losses = useMemo(() => SHOWN.filter((name) => names.includes(name)).map((name) => lineOf(points, name)), [points, names]);
  const others = names.filter((name) => !SHOWN.includes(name));
  if (error) return <Failure error={error} />;
  if (!losses.length) return <section className="card why">{t("training.no_points")}</section>;
  return (
    <>
      <section className="card">
        <h2>
          {t("training.loss")}
          <span className="aside">
            <Segmented<"log" | "value">
              size="small"
              value={scale}
              onChange={setScale}
              options={[
                { value: "log", label: t("training.log") },
                { value: "value", label: t("training.linear") },
              ]}
            />
          </span>
        </h2>
        <Chart title={t("training.loss")} lines={losses} across={t("training.step")} log={scale === "log"} />
      </section>
      {others.map((name) => (
        <Other key={name} name={name} points={points} />
      ))}
    </>
  );
}

function Other({ name, points }: { name: string; points: MetricPoint[] }) {
  const { t, metric } = useWords();
  const lines = useMemo(() => [lineOf(points, name)], [points, name]);
  return (
    <section className="card">
      <h2>{metric(name)}</h2>
      <Chart title={metric(name)} lines={lines} across={t("training.step")} />
    </section>
  );
}

/** The frozen snapshot: what this run was really started with. */
function Options({ task }: { task: TrainTask }) {
  const { t } = useWords();
  const result = Object.entries(resultOf(task));
  return (
    <section className="card">
      <h2>{t("training.options")}</h2>
      <Pairs facts={Object.entries(optionsOf(task))} />
      {result.length > 0 && (
        <>
          <h2 className="between more">{t("training.result")}</h2>
          <Pairs facts={result} />
        </>
      )}
    </section>
  );
}

function Pairs({ facts }: { facts: [string, unknown][] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
