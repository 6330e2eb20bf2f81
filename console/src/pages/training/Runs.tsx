/** Every training run of the space, newest first. */
import { Button, Checkbox } from "antd";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH } from "@/api/live";
import { useListed } from "@/api/pages";
import type { TrainTask } from "@/api/types";
import { useAddress } from "@/parts/address";
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
import { MOST } from "./facts";

const COLUMNS: Column<TrainTask>[] = [
  { key: "compare", title: "training.compare", cell: (row) => <Pick task={row} />, value: () => "" },
  {
    key: "name",
    title: "training.run",
    cell: (row) => (
      <Link className="name" to={`/training/${row.id}`}>
        <bdi>{row.name || row.id}</bdi>
      </Link>
    ),
    value: (row) => row.name,
  },
  { key: "model", title: "training.model", cell: (row) => <ModelName id={row.model_id} />, value: (row) => row.model_id },
  { key: "status", title: "training.state", cell: (row) => <State kind="task" value={row.status} />, value: (row) => row.status },
  { key: "progress", title: "training.progress", cell: (row) => <Progress task={row} />, value: (row) => row.progress_done, number: true },
  { key: "loss", title: "training.loss", cell: (row) => <Loss task={row} />, value: (row) => lossOf(row) ?? "", number: true },
  { key: "attempt", title: "training.tries", cell: (row) => row.attempt, value: (row) => row.attempt, number: true },
  { key: "created", title: "training.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
  { key: "id", title: "training.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
];

const lossOf = (task: TrainTask) => (task.result as { final_loss?: number }).final_loss;

function Loss({ task }: { task: TrainTask }) {
  const { num } = useWords();
  const loss = lossOf(task);
  return <>{loss === undefined ? "—" : num(loss, 4)}</>;
}

/** The runs that are chosen for a comparison; they are in the address. */
function usePicked(): [string[], (ids: string[]) => void] {
  const [params, change] = useAddress();
  return [(params.get("compare") ?? "").split(",").filter(Boolean), (ids) => change({ compare: ids.join(",") })];
}

function Pick({ task }: { task: TrainTask }) {
  const { t } = useWords();
  const [picked, put] = usePicked();
  const on = picked.includes(task.id);
  return (
    <Checkbox
      checked={on}
      disabled={!on && picked.length >= MOST}
      onChange={() => put(on ? picked.filter((id) => id !== task.id) : [...picked, task.id])}
      aria-label={t("training.compare_pick", { name: task.name || task.id })}
    />
  );
}

function ToCompare() {
  const { t } = useWords();
  const [picked] = usePicked();
  if (picked.length < 2) return null;
  return (
    <Link to={`/training/compare?runs=${picked.join(",")}`}>
      <Button type="primary">{t("training.compare_chosen", { count: picked.length })}</Button>
    </Link>
  );
}

export function Runs() {
  const { t } = useWords();
  const chosen = useChosen<TrainTask["status"]>();
  const listed = useListed<TrainTask>(["training", chosen.key], async (page) => {
    const answer = await told(api.GET("/api/v1/train/tasks", { params: { query: { ...page, ...chosen.query() } } }));
    return { rows: answer.train_tasks ?? [], next: answer.next_cursor ?? null };
  }, FRESH);
  return (
    <>
      <Head title={t("training.title")} lead={t("training.lead")} code={{ path: "/train/tasks" }} actions={
          <>
            <ToCompare />
            <Link to="/training/new">
              <Button>{t("training.new")}</Button>
            </Link>
          </>
        } />
      <Table
        name="training"
        title={t("training.title")}
        columns={COLUMNS}
        listed={listed}
        rowKey={(row) => row.id}
        tools={<Filters kind="task" states={TASK_STATES} />}
        empty={chosen.key !== "//" ? <p className="why">{t("parts.no_match")}</p> : <Empty title={t("training.none")} text={t("training.none_how")} command="modelyard train start --help" />}
      />
    </>
  );
}
