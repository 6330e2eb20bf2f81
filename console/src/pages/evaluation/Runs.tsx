/** Every evaluation of the space, newest first. */
import { Button } from "antd";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH } from "@/api/live";
import { useListed } from "@/api/pages";
import type { EvalTask } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Filters, TASK_STATES, useChosen } from "@/parts/Filters";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Progress } from "@/parts/Progress";
import { State } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { ModelName } from "../models/ModelName";

const COLUMNS: Column<EvalTask>[] = [
  {
    key: "name",
    title: "evaluation.run",
    cell: (row) => (
      <Link className="name" to={`/evaluation/${row.id}`}>
        <bdi>{row.name || row.id}</bdi>
      </Link>
    ),
    value: (row) => row.name,
  },
  { key: "model", title: "evaluation.model", cell: (row) => <ModelName id={row.model_id} />, value: (row) => row.model_id },
  { key: "status", title: "evaluation.state", cell: (row) => <State kind="task" value={row.status} />, value: (row) => row.status },
  { key: "target", title: "evaluation.target", cell: (row) => <Target value={row.target_kind} />, value: (row) => row.target_kind },
  { key: "score", title: "evaluation.exact", cell: (row) => <Score value={row.metrics.exact_match} />, value: (row) => row.metrics.exact_match ?? "", number: true },
  { key: "f1", title: "evaluation.f1", cell: (row) => <Score value={row.metrics.token_f1} />, value: (row) => row.metrics.token_f1 ?? "", number: true },
  { key: "items", title: "evaluation.items", cell: (row) => row.items, value: (row) => row.items, number: true },
  { key: "verdict", title: "evaluation.gate", cell: (row) => (row.verdict ? <State kind="gate" value={row.verdict} /> : "—"), value: (row) => row.verdict },
  { key: "progress", title: "evaluation.progress", cell: (row) => <Progress task={row} />, value: (row) => row.progress_done, number: true, extra: true },
  { key: "created", title: "evaluation.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
  { key: "id", title: "evaluation.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
];

function Target({ value }: { value: string }) {
  return <>{useWords().word("target", value)}</>;
}

function Score({ value }: { value: number | undefined }) {
  const { score } = useWords();
  return <>{value === undefined ? "—" : score(value)}</>;
}

export function Runs() {
  const { t } = useWords();
  const chosen = useChosen<EvalTask["status"]>();
  const listed = useListed<EvalTask>(["evaluation", chosen.key], async (page) => {
    const answer = await told(api.GET("/api/v1/eval/tasks", { params: { query: { ...page, ...chosen.query() } } }));
    return { rows: answer.eval_tasks ?? [], next: answer.next_cursor ?? null };
  }, FRESH);
  return (
    <>
      <Head title={t("evaluation.title")} lead={t("evaluation.lead")} code={{ path: "/eval/tasks" }}
        actions={
          <Link to="/evaluation/new">
            <Button type="primary">{t("evaluation.new")}</Button>
          </Link>
        }
      />
      <Table
        name="evaluation"
        title={t("evaluation.title")}
        columns={COLUMNS}
        listed={listed}
        rowKey={(row) => row.id}
        tools={<Filters kind="task" states={TASK_STATES} />}
        empty={chosen.key !== "//" ? <p className="why">{t("parts.no_match")}</p> : <Empty title={t("evaluation.none")} text={t("evaluation.none_how")} command="modelyard eval start --help" />}
      />
    </>
  );
}
