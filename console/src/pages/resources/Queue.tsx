/** What is reserved and what waits in this space, each that waits with what holds it back and what would let it in. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH } from "@/api/live";
import { useListed } from "@/api/pages";
import type { Reservation } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Id } from "@/parts/Id";
import { State } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { CORE, GB } from "./amounts";

const PAGES: Record<string, string> = { train_task: "/training/", dataset_task: "/datasets/tasks/", eval_task: "/evaluation/" };

/** A task's reservation leads to the task. */
function Holder({ holder }: { holder: string }) {
  const { word } = useWords();
  const [kind = "", id = ""] = holder.split("/");
  const page = PAGES[kind];
  return page ? (
    <Link to={page + id}>
      {word("holder", kind)} <Id id={id} />
    </Link>
  ) : (
    <bdi>{holder}</bdi>
  );
}

function Why({ id }: { id: string }) {
  const { t, language } = useWords();
  const asked = useQuery({
    queryKey: ["reservation", id],
    queryFn: () => told(api.GET("/api/v1/resource/reservations/{id}", { params: { path: { id } } })),
    refetchInterval: FRESH,
  });
  const found = asked.data?.explanation;
  if (!found) return <>—</>;
  return (
    <>
      {language === "zh" ? found.sentence_zh : found.sentence_en}
      {Number(found.position) > 0 && (
        <small>
          {" "}
          {t("resources.place")} {found.position}
        </small>
      )}
    </>
  );
}

export function Queue() {
  const { t, num } = useWords();
  const listed = useListed<Reservation>(
    ["reservations"],
    async (page) => {
      const answer = await told(api.GET("/api/v1/resource/reservations", { params: { query: { ...page, statuses: ["WAITING", "HELD"] } } }));
      return { rows: answer.reservations ?? [], next: answer.next_cursor ?? null };
    },
    FRESH,
  );
  const columns: Column<Reservation>[] = [
    { key: "holder", title: "resources.holder", cell: (row) => <Holder holder={row.holder} />, value: (row) => row.holder },
    { key: "status", title: "resources.status", cell: (row) => <State kind="reservation" value={row.status} />, value: (row) => row.status },
    { key: "why", title: "resources.why", cell: (row) => (row.status === "WAITING" ? <Why id={row.id} /> : "—"), value: () => "" },
    { key: "cpu", title: "resources.cpu", cell: (row) => num(Number(row.amounts.cpu_milli) / CORE, 1), value: (row) => row.amounts.cpu_milli, number: true },
    { key: "memory", title: "resources.memory", cell: (row) => `${num(Number(row.amounts.memory_mb) / GB, 1)} GB`, value: (row) => row.amounts.memory_mb, number: true },
    {
      key: "accelerators",
      title: "resources.accelerators",
      cell: (row) => num(Number(row.amounts.accelerator_milli) / CORE, 2),
      value: (row) => row.amounts.accelerator_milli,
      number: true,
    },
    { key: "since", title: "resources.since", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
  ];
  const empty = <Empty title={t("resources.no_queue")} text={t("resources.no_queue_how")} />;
  return <Table name="queue" title={t("resources.queue")} columns={columns} listed={listed} rowKey={(row) => row.id} empty={empty} />;
}
