/** One evaluation: its scores with their intervals, and every question with what the model said, the wrong ones first. */
import { useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { Link, useParams } from "react-router";
import { addressOf, api, told } from "@/api/client";
import { whileOpen } from "@/api/live";
import { useListed } from "@/api/pages";
import type { EvalItem, EvalTask } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { isPicture, Picture } from "@/parts/Picture";
import { Pill, State } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { TaskFacts } from "@/parts/TaskFacts";
import { TaskLog } from "@/parts/TaskLog";
import { Open, Whole } from "@/parts/Whole";
import { useWords, type Words } from "@/words";
import { ModelName } from "../models/ModelName";
import { Classes } from "./Classes";
import { Rated } from "./Rated";

const tagsOf = (item: EvalItem) => Object.entries(item.tags).map(([name, value]) => `${name}: ${String(value)}`).join(", ");

const COLUMNS: Column<EvalItem>[] = [
  { key: "position", title: "evaluation.place", cell: (row) => <Open place={Number(row.position) + 1} />, value: (row) => row.position, number: true },
  { key: "result", title: "evaluation.result", cell: (row) => <Result item={row} />, value: (row) => (row.error ? "error" : row.exact_match) },
  { key: "input", title: "evaluation.input", cell: (row) => <Question text={row.input} />, value: (row) => row.input },
  { key: "expected", title: "evaluation.expected", cell: (row) => <bdi>{row.expected}</bdi>, value: (row) => row.expected },
  { key: "output", title: "evaluation.output", cell: (row) => <bdi>{row.error || row.output}</bdi>, value: (row) => row.output },
  { key: "f1", title: "evaluation.f1", cell: (row) => <Number3 value={row.token_f1} />, value: (row) => row.token_f1, number: true },
  { key: "nll", title: "evaluation.nll", cell: (row) => (row.nll < 0 ? "—" : <Number3 value={row.nll} />), value: (row) => row.nll, number: true, extra: true },
  { key: "ms", title: "evaluation.ms", cell: (row) => <Milliseconds value={row.latency_ms} />, value: (row) => row.latency_ms, number: true },
  { key: "tags", title: "evaluation.tags", cell: (row) => tagsOf(row), value: tagsOf, extra: true },
  { key: "record", title: "evaluation.record", cell: (row) => <Id id={row.record_id} />, value: (row) => row.record_id, extra: true },
];

function Question({ text }: { text: string }) {
  const { t } = useWords();
  return isPicture(text) ? <Picture text={text} name={t("evaluation.input")} /> : <bdi>{text}</bdi>;
}

function Number3({ value }: { value: number }) {
  return <>{useWords().score(value)}</>;
}

function Milliseconds({ value }: { value: number }) {
  return <>{useWords().num(value, 1)} ms</>;
}

function Result({ item }: { item: EvalItem }) {
  const { t } = useWords();
  if (item.error) return <Pill tone="bad" shape="warn">{t("evaluation.error")}</Pill>;
  return item.exact_match ? <Pill tone="ok" shape="check">{t("evaluation.right")}</Pill> : <Pill tone="bad" shape="cross">{t("evaluation.wrong")}</Pill>;
}

export function Run() {
  const { id = "" } = useParams();
  const { t, language } = useWords();
  const found = useQuery({
    queryKey: ["eval-task", id],
    refetchInterval: whileOpen((task) => task.finish_time === "0"),
    queryFn: async () => (await told(api.GET("/api/v1/eval/tasks/{id}", { params: { path: { id } } }))).eval_task,
  });
  const task = found.data;
  const crumbs = [{ to: "/evaluation", name: t("evaluation.title") }];
  if (!task)
    return (
      <>
        <Head title={t("evaluation.run")} crumbs={crumbs} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  const cancel = async (cause: string) => {
    await told(api.POST("/api/v1/eval/tasks/{id}/cancel", { params: { path: { id } }, body: cause ? { cause } : {} }));
    await found.refetch();
  };
  return (
    <>
      <Head
        title={task.name || task.id}
        crumbs={crumbs}
        state={<State kind="task" value={task.status} />}
        code={{ path: `/eval/tasks/${id}/items`, query: { only_wrong: "true" } }}
        actions={
          task.finish_time === "0" && task.status !== "CANCELLING" ? (
            <Confirm label={t("evaluation.cancel")} what={t("evaluation.cancel_what")} reason="optional" look={{ danger: true }} run={cancel} />
          ) : task.status === "SUCCEEDED" && task.rated_task_id === "0" ? (
            <>
              <Button href={addressOf(`/eval/tasks/${id}/export`, { format: "html", language })}>{t("evaluation.export_html")}</Button>
              <Button href={addressOf(`/eval/tasks/${id}/export`, { format: "jsonl" })}>{t("evaluation.export_jsonl")}</Button>
              <Link to={task.against_task_id === "0" ? `/evaluation/compare?first=${id}` : `/evaluation/compare?first=${task.against_task_id}&second=${id}`}>
                <Button>{t("evaluation.compare_this")}</Button>
              </Link>
              <Link to={`/evaluation/${id}/rate`}>
                <Button>{t("evaluation.rate")}</Button>
              </Link>
              {task.target_kind === "WEIGHTS" && task.prompt_version_id === "0" && (
                <Link to={`/orders/new?model=${task.model_id}&version=${task.model_version_id}&judged=${task.eval_config_id}`}>
                  <Button type="primary">{t("evaluation.release")}</Button>
                </Link>
              )}
            </>
          ) : null
        }
        lead={<Lead task={task} />}
      />
      <div className="stack">
        <Scores task={task} />
        <Classes task={task} />
        <TaskFacts task={task} />
        {task.rated_task_id === "0" ? (
          <>
            <Items task={task} />
            <TaskLog of="eval" id={task.id} />
          </>
        ) : (
          <Rated task={task} />
        )}
      </div>
    </>
  );
}

function Lead({ task }: { task: EvalTask }) {
  const { t, word } = useWords();
  return (
    <>
      <span>
        {t("evaluation.model")}{" "}
        <b>
          <ModelName id={task.model_id} />
        </b>
      </span>
      <span>
        {t("evaluation.target")} <b>{word("target", task.target_kind)}</b> <Id id={task.target_digest} />
      </span>
      {task.prompt_version_id !== "0" && <Asked task={task} />}
      <span>
        <Link to={`/datasets/versions/${task.dataset_version_id}`}>{t("evaluation.data")}</Link>
      </span>
      {task.verdict && (
        <span>
          {t("evaluation.gate")} <State kind="gate" value={task.verdict} />
        </span>
      )}
    </>
  );
}

/** In whose words it was asked. */
function Asked({ task }: { task: EvalTask }) {
  const { t } = useWords();
  const prompt = (task.snapshot as { prompt?: { prompt_id: string; number: number } }).prompt;
  if (!prompt) return null;
  return (
    <span>
      <Link to={`/prompts/${prompt.prompt_id}`}>{t("evaluation.prompt", { number: prompt.number })}</Link>
    </span>
  );
}

/** A metric with its interval; those with a dot are its shares and bounds. */
function Scores({ task }: { task: EvalTask }) {
  const { score, num, metric } = useWords();
  const names = Object.keys(task.metrics).filter((name) => !/\.(low|high|coverage)$/.test(name));
  if (!names.length) return null;
  return (
    <div className="tiles">
      {names.map((name) => {
        const [value, low, high] = [task.metrics[name]!, task.metrics[`${name}.low`], task.metrics[`${name}.high`]];
        const time = name.startsWith("latency_ms");
        return (
          <section className="card" key={name}>
            <div className="fig">
              {time ? `${num(value, 1)} ms` : score(value)}
              <small>
                {metric(name)} {low !== undefined && high !== undefined && `[${score(low)}, ${score(high)}]`}
              </small>
            </div>
          </section>
        );
      })}
    </div>
  );
}

function factsOf(item: EvalItem | undefined, t: Words["t"]): [string, string][] | undefined {
  if (!item) return undefined;
  return [
    [t("evaluation.input"), item.input],
    [t("evaluation.expected"), item.expected],
    [t("evaluation.output"), item.error || item.output],
    [t("evaluation.tags"), tagsOf(item)],
    [t("evaluation.record"), item.record_id],
  ];
}

function Items({ task }: { task: EvalTask }) {
  const { t } = useWords();
  const [params, change] = useAddress();
  const wrong = params.get("show") !== "all";
  const listed = useListed<EvalItem>(
    ["items", task.id, wrong, task.status],
    async (page) => {
      const query = { ...page, ...(wrong && { only_wrong: true }) };
      const answer = await told(api.GET("/api/v1/eval/tasks/{task_id}/items", { params: { path: { task_id: task.id }, query } }));
      return { rows: answer.items ?? [], next: answer.next_cursor ?? null };
    },
    false,
  );
  return (
    <section>
      <h2 className="between">{t("evaluation.answers")}</h2>
      <Whole facts={(place) => factsOf(listed.rows.find((item) => Number(item.position) + 1 === place), t)} />
      <Table
        name="items"
        title={t("evaluation.answers")}
        columns={COLUMNS}
        listed={listed}
        rowKey={(row) => row.id}
        tools={
          <Segmented
            value={wrong ? "wrong" : "all"}
            onChange={(value) => change({ show: value === "all" ? value : "", row: "" }, STEP)}
            options={[
              { value: "wrong", label: t("evaluation.only_wrong") },
              { value: "all", label: t("evaluation.all") },
            ]}
          />
        }
        empty={<Empty title={t(wrong && task.status === "SUCCEEDED" ? "evaluation.none_wrong" : "evaluation.no_items")} text={t(wrong && task.status === "SUCCEEDED" ? "evaluation.none_wrong_how" : "evaluation.no_items_how")} />}
      />
    </section>
  );
}
