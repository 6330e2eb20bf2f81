/** What waits for me: each task in which I may work now, with what I have done there. */
import { useMemo } from "react";
import { Link } from "react-router";
import type { MyTask } from "@/api/types";
import type { Listed } from "@/api/pages";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { useWaiting, WaitingOrder } from "../release/Waiting";
import { useMyWork } from "./api";

/** Annotation has the short address. */
const placeOf = (task: MyTask) => `/work/${task.service === "eval" ? "eval/" : ""}${task.task_id}${task.role === "INSPECTOR" ? "/inspect" : ""}`;

export function MyWork() {
  const { t } = useWords();
  const found = useMyWork();
  const orders = useWaiting();
  const columns = useColumns();
  const listed: Listed<MyTask> = {
    rows: found.data?.tasks ?? [],
    pending: found.isPending,
    error: found.error,
    more: false,
    loading: false,
    loadMore: () => undefined,
    again: () => void found.refetch(),
    all: async function* () {
      yield* found.data?.tasks ?? [];
    },
  };
  return (
    <>
      <Head title={t("work.title")} lead={t("work.lead")} code={{ path: "/my-work" }} />
      {Object.values(found.data?.missing ?? {}).map((each) => (
        <p key={each.message} role="status" className="why">
          {t("work.missing", { why: each.message })}
        </p>
      ))}
      {orders.rows.length > 0 && (
        <section className="card" aria-label={t("work.to_decide")}>
          <h2>{t("work.to_decide")}</h2>
          {orders.rows.map((order) => (
            <WaitingOrder key={order.id} order={order} />
          ))}
        </section>
      )}
      {orders.error && <Failure error={orders.error} again={orders.again} />}
      {(listed.rows.length > 0 || !orders.rows.length) && (
        <Table
          name="my-work"
          title={t("work.title")}
          columns={columns}
          listed={listed}
          rowKey={(task) => `${task.service}-${task.task_id}-${task.role}`}
          empty={<Empty title={t("work.none")} text={t("work.none_how")} />}
        />
      )}
    </>
  );
}

function useColumns(): Column<MyTask>[] {
  const { word, percent } = useWords();
  return useMemo(() => {
    const agreement = (task: MyTask) => (Number(task.compared) ? percent(Number(task.agreed) / Number(task.compared)) : "—");
    return [
      { key: "name", title: "work.task", cell: (task) => <Link to={placeOf(task)}>{task.name}</Link>, value: (task) => task.name },
      { key: "role", title: "work.role", cell: (task) => word("work_role", task.role), value: (task) => task.role },
      { key: "kind", title: "work.kind", cell: (task) => word("annotation", task.kind), value: (task) => task.kind },
      { key: "held", title: "work.held", cell: (task) => task.held, value: (task) => Number(task.held), number: true },
      { key: "answered", title: "work.answered", cell: (task) => task.answered, value: (task) => Number(task.answered), number: true },
      { key: "agreement", title: "work.agreement", cell: agreement, value: agreement, number: true },
      { key: "done", title: "work.done", cell: (task) => `${task.items_done} / ${task.items}`, value: (task) => Number(task.items_done), number: true },
      { key: "created", title: "work.created", cell: (task) => <Ago time={task.create_time} />, value: (task) => task.create_time },
    ];
  }, [word, percent]);
}
