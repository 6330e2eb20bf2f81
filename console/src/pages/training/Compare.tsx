/** Two to four runs side by side: their curves over each other, the options that differ, what came out. Which ones is in the address. */
import { useQueries } from "@tanstack/react-query";
import { Button, Segmented, Select, Switch } from "antd";
import { useMemo } from "react";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH, unlessLive } from "@/api/live";
import { useListed } from "@/api/pages";
import type { MetricPoint, TrainTask } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Chart } from "@/parts/Chart";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { State } from "@/parts/State";
import { useWords } from "@/words";
import { lineOf, readPoints } from "../models/Overview";
import { alike, MOST, optionsOf, resultOf } from "./facts";
import { Value } from "./Value";

const LETTERS = ["A", "B", "C", "D"];

export function Compare() {
  const { t } = useWords();
  const [params, change] = useAddress();
  const ids = [...new Set((params.get("runs") ?? "").split(",").filter(Boolean))].slice(0, MOST);
  const put = (name: string, value: string) => change({ [name]: value });
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: ["train-task", id],
      queryFn: async () => (await told(api.GET("/api/v1/train/tasks/{id}", { params: { path: { id } } }))).train_task,
    })),
  });
  const failed = found.find((each) => each.error);
  const tasks = found.flatMap((each) => (each.data ? [each.data] : []));
  const choose = (next: string[]) => put("runs", next.join(","));
  return (
    <>
      <Head title={t("training.compare_title")} lead={t("training.compare_lead")} crumbs={[{ to: "/training", name: t("training.title") }]} code={{ path: "/train/tasks" }} />
      <Chosen tasks={tasks} ids={ids} choose={choose} />
      {failed && <Failure error={failed.error} again={() => void failed.refetch()} />}
      {ids.length > 0 && tasks.length < ids.length && !failed && <div className="bones" aria-busy="true" />}
      {ids.length < 2 && (
        <div className="card more">
          <Empty title={t("training.compare_few")} text={t("training.compare_few_how", { most: MOST })} />
        </div>
      )}
      {ids.length >= 2 && tasks.length === ids.length && (
        <>
          <Curves tasks={tasks} metric={params.get("metric") ?? ""} choose={(name) => put("metric", name)} />
          <Differences tasks={tasks} only={params.get("only") === "1"} narrow={(only) => put("only", only ? "1" : "")} />
        </>
      )}
    </>
  );
}

/** Which runs; a further one is found by its name. */
function Chosen({ tasks, ids, choose }: { tasks: TrainTask[]; ids: string[]; choose: (ids: string[]) => void }) {
  const { t, word } = useWords();
  const listed = useListed<TrainTask>(["training", "//"], async (page) => {
    const answer = await told(api.GET("/api/v1/train/tasks", { params: { query: page } }));
    return { rows: answer.train_tasks ?? [], next: answer.next_cursor ?? null };
  });
  const known = new Map([...listed.rows, ...tasks].map((task) => [task.id, task]));
  const label = (task: TrainTask) => `${task.name || t("training.run")} · ${word("task", task.status)} · …${task.id.slice(-6)}`;
  return (
    <div className="tools">
      <Select
        mode="multiple"
        className="wide"
        aria-label={t("training.compare_which")}
        placeholder={t("training.compare_which")}
        value={ids}
        onChange={choose}
        maxCount={MOST}
        optionFilterProp="label"
        options={[...known.values()].map((task) => ({ value: task.id, label: label(task) }))}
      />
    </div>
  );
}

const isOpen = (task: TrainTask) => task.finish_time === "0";
const nameOf = (task: TrainTask, index: number) => `${LETTERS[index]!} ${task.name || `…${task.id.slice(-6)}`}`;

function Curves({ tasks, metric, choose }: { tasks: TrainTask[]; metric: string; choose: (name: string) => void }) {
  const { t, metric: called } = useWords();
  const read = useQueries({
    queries: tasks.map((task) => ({
      queryKey: ["points", task.id, "whole"],
      queryFn: () => readPoints(task.id),
      refetchInterval: unlessLive(isOpen(task) ? FRESH : false),
    })),
    combine: (all) => ({ points: all.map((each) => each.data), error: all.find((each) => each.error)?.error ?? null }),
  });
  const known = read.points.filter((each): each is MetricPoint[] => each !== undefined);
  const names = [...new Set(known.flat().map((point) => point.name))];
  const shown = names.includes(metric) ? metric : names.includes("loss") ? "loss" : (names[0] ?? "");
  // combine gives a new object whenever something new was read, and only then
  const lines = useMemo(() => tasks.map((task, index) => ({ ...lineOf(read.points[index] ?? [], shown), name: nameOf(task, index) })), [tasks, read, shown]);
  if (read.error) return <Failure error={read.error} />;
  if (known.length < tasks.length) return <div className="bones" aria-busy="true" />;
  if (!names.length) return <section className="card why">{t("training.no_points")}</section>;
  return (
    <section className="card">
      <h2>
        {called(shown)}
        {names.length > 1 && (
          <span className="aside">
            <Segmented size="small" value={shown} onChange={choose} options={names.map((name) => ({ value: name, label: called(name) }))} />
          </span>
        )}
      </h2>
      <Chart title={called(shown)} lines={lines} across={t("training.step")} log={shown.includes("loss")} />
    </section>
  );
}

interface Line {
  name: string;
  values: unknown[];
  differs: boolean;
}

/** One line per name that any of them has. */
function linesOf(all: Record<string, unknown>[]): Line[] {
  return [...new Set(all.flatMap((each) => Object.keys(each)))].map((name) => {
    const values = all.map((each) => each[name]);
    return { name, values, differs: values.some((value) => !alike(value, values[0])) };
  });
}

function Differences({ tasks, only, narrow }: { tasks: TrainTask[]; only: boolean; narrow: (only: boolean) => void }) {
  const { t } = useWords();
  const options = linesOf(tasks.map((task) => ({ [t("training.data")]: `…${task.train_dataset_version_id.slice(-6)}`, ...optionsOf(task) })));
  const results = linesOf(tasks.map(resultOf));
  const count = options.filter((line) => line.differs).length;
  return (
    <section className="card">
      <h2>
        {t("training.compare_options", { count })}
        <span className="aside">
          <label className="pick">
            {t("training.compare_only")} <Switch size="small" checked={only} onChange={narrow} aria-label={t("training.compare_only")} />
          </label>
        </span>
      </h2>
      <div className="grid" tabIndex={0} role="region" aria-label={t("training.compare_title")}>
        <table className="sides">
          <thead>
            <tr>
              <th scope="col">{t("training.run")}</th>
              {tasks.map((task, index) => (
                <th scope="col" key={task.id} className="n">
                  <Link to={`/training/${task.id}`}>
                    <bdi>{nameOf(task, index)}</bdi>
                  </Link>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Fixed title={t("training.state")} tasks={tasks} cell={(task) => <State kind="task" value={task.status} />} />
            <Fixed title={t("training.created")} tasks={tasks} cell={(task) => <Ago time={task.create_time} />} />
            <Group marked title={t("training.options")} lines={only ? options.filter((line) => line.differs) : options} wide={tasks.length + 1} />
            <Group title={t("training.result")} lines={only ? results.filter((line) => line.differs) : results} wide={tasks.length + 1} />
          </tbody>
        </table>
      </div>
      <p className="acts more">
        {tasks.map((task, index) => (
          <Link key={task.id} to={`/training/${task.id}/clone`}>
            <Button size="small">{t("training.clone_of", { name: LETTERS[index] })}</Button>
          </Link>
        ))}
      </p>
    </section>
  );
}

function Fixed({ title, tasks, cell }: { title: string; tasks: TrainTask[]; cell: (task: TrainTask) => React.ReactNode }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      {tasks.map((task) => (
        <td key={task.id} className="n">
          {cell(task)}
        </td>
      ))}
    </tr>
  );
}

/** marked: where a difference is worth a word; results nearly always differ. */
function Group({ title, lines, wide, marked = false }: { title: string; lines: Line[]; wide: number; marked?: boolean }) {
  const { t } = useWords();
  if (!lines.length) return null;
  return (
    <>
      <tr>
        <th scope="colgroup" colSpan={wide} className="group">
          {title}
        </th>
      </tr>
      {lines.map((line) => (
        <tr key={line.name} className={marked && line.differs ? "differs" : undefined}>
          <th scope="row">
            {line.name} {marked && line.differs && <span className="pill wait">{t("training.differs")}</span>}
          </th>
          {line.values.map((value, index) => (
            <td key={index} className="n">
              <Value value={value} />
            </td>
          ))}
        </tr>
      ))}
    </>
  );
}
