/** Where a day begins: what runs, what waits for me, what failed since I last looked; on a fresh platform, the first steps. */
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH } from "@/api/live";
import { useListed, type Listed } from "@/api/pages";
import type { DatasetTask, EvalTask, TrainTask } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { State } from "@/parts/State";
import { useWords, type Key } from "@/words";
import { useProjects } from "../models/api";
import { useWaiting, WaitingOrder } from "../release/Waiting";

interface Work {
  id: string;
  to: string;
  kind: "train_task" | "eval_task" | "dataset_task";
  name: string;
  status: TrainTask["status"];
  reason: TrainTask["reason"];
  done: number;
  total: number;
  time: string;
}

const ENDED = ["SUCCEEDED", "FAILED", "CANCELLED"];
const LOOKED = "modelyard.looked";

const workOf = (kind: Work["kind"], to: string) => (task: TrainTask | EvalTask | DatasetTask): Work => ({
  id: task.id,
  to: `${to}${task.id}`,
  kind,
  name: task.name || task.id,
  status: task.status,
  reason: task.reason,
  done: Number(task.progress_done),
  total: Number(task.progress_total),
  time: task.finish_time === "0" ? task.update_time : task.finish_time,
});

export function Home() {
  const { t } = useWords();
  const training = useListed<TrainTask>(["training", ""], async (page) => {
    const answer = await told(api.GET("/api/v1/train/tasks", { params: { query: page } }));
    return { rows: answer.train_tasks ?? [], next: answer.next_cursor ?? null };
  }, FRESH);
  const evaluation = useListed<EvalTask>(["evaluation", ""], async (page) => {
    const answer = await told(api.GET("/api/v1/eval/tasks", { params: { query: page } }));
    return { rows: answer.eval_tasks ?? [], next: answer.next_cursor ?? null };
  }, FRESH);
  const data = useListed<DatasetTask>(["data-tasks"], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets/tasks", { params: { query: page } }));
    return { rows: answer.dataset_tasks ?? [], next: answer.next_cursor ?? null };
  }, FRESH);
  const orders = useWaiting();
  const projects = useProjects();
  const work = [
    ...training.rows.map(workOf("train_task", "/training/")),
    ...evaluation.rows.map(workOf("eval_task", "/evaluation/")),
    ...data.rows.map(workOf("dataset_task", "/datasets/tasks/")),
  ];
  const since = useLooked();
  const running = work.filter((each) => !ENDED.includes(each.status));
  const failed = work.filter((each) => each.status === "FAILED" && Number(each.time) > since);
  const online = projects.rows.filter((project) => project.status === "ONLINE");
  const fresh = !projects.pending && !projects.error && !data.pending && projects.rows.length === 0 && data.rows.length === 0;
  return (
    <>
      <Head title={t("home.title")} lead={t("home.lead")} code={{ path: "/train/tasks" }} />
      {fresh && <FirstSteps />}
      <div className="tiles">
        <Tile name="home.running" count={running.length} />
        <Tile name="home.waiting" count={orders.rows.length} />
        <Tile name="home.failed" count={failed.length} />
        <Tile name="home.online" count={online.length} />
      </div>
      <div className="cols even">
        <section className="card">
          <h2>{t("home.running")}</h2>
          <Broken parts={[training, evaluation, data]} />
          {running.length ? running.map((each) => <WorkLine key={each.id} work={each} />) : <p className="why">{t("home.nothing_runs")}</p>}
        </section>
        <section className="card">
          <h2>{t("home.waiting")}</h2>
          <Broken parts={[orders]} />
          {orders.rows.length ? orders.rows.map((order) => <WaitingOrder key={order.id} order={order} />) : <p className="why">{t("home.nothing_waits")}</p>}
        </section>
        <section className="card">
          <h2>{t("home.online")}</h2>
          <Broken parts={[projects]} />
          {online.length ? (
            online.map((project) => (
              <div className="item" key={project.id}>
                <Link to={`/models/${project.id}`}>
                  <bdi>{project.name}</bdi>
                </Link>
                <State kind="project" value={project.status} />
                <span className="aside">
                  <Ago time={project.update_time} />
                </span>
              </div>
            ))
          ) : (
            <p className="why">{t("home.nothing_online")}</p>
          )}
        </section>
        <section className="card">
          <h2>{t("home.failed")}</h2>
          {failed.length ? failed.map((each) => <WorkLine key={each.id} work={each} />) : <p className="why">{t("home.nothing_failed")}</p>}
        </section>
      </div>
    </>
  );
}

/** Since when failures are news: the last time this page was left, a day at first. */
function useLooked(): number {
  const [since] = useState(() => Number(localStorage.getItem(LOOKED) ?? Date.now() - 86_400_000));
  useEffect(() => () => localStorage.setItem(LOOKED, String(Date.now())), []);
  return since;
}

function Tile({ name, count }: { name: Key; count: number }) {
  const { t, num } = useWords();
  return (
    <section className="card">
      <div className="fig">
        {num(count)}
        <small>{t(name)}</small>
      </div>
    </section>
  );
}

function Broken({ parts }: { parts: Pick<Listed<unknown>, "error" | "again">[] }) {
  const broken = parts.find((part) => part.error);
  return broken ? <Failure error={broken.error} again={broken.again} /> : null;
}

function WorkLine({ work }: { work: Work }) {
  const { word, percent } = useWords();
  return (
    <div className="item">
      <Link to={work.to}>
        <bdi>{work.name}</bdi>
      </Link>
      <State kind="task" value={work.status} />
      <small>
        {word("entity", work.kind)}
        {work.reason !== "NONE" && ` · ${word("reason", work.reason)}`}
      </small>
      <span className="aside">{work.total > 0 && !ENDED.includes(work.status) ? percent(work.done / work.total) : <Ago time={work.time} />}</span>
    </div>
  );
}

function FirstSteps() {
  const { t } = useWords();
  return (
    <section className="card steps">
      <h2>{t("home.first_steps")}</h2>
      <ol>
        <li>
          <Link to="/account">{t("home.step_password")}</Link>
        </li>
        <li>
          <Link to="/keys">{t("home.step_key")}</Link>
        </li>
        <li>
          {t("home.step_sample")} <code>make demo ARGS=--keep</code>
        </li>
        <li>
          <Link to="/models?new=1">{t("home.step_model")}</Link>
        </li>
      </ol>
    </section>
  );
}
