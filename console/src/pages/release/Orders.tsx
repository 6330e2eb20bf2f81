/** Every work order of the space, newest first. */
import { Button } from "antd";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH } from "@/api/live";
import { useListed } from "@/api/pages";
import { usePeople } from "@/api/people";
import type { WorkOrder } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Filters, useChosen } from "@/parts/Filters";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { State } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { ModelName } from "../models/ModelName";

const columns = (people: (id: string) => string): Column<WorkOrder>[] => [
  {
    key: "name",
    title: "release.order",
    cell: (row) => (
      <Link className="name" to={`/orders/${row.id}`}>
        <bdi>{row.name}</bdi>
      </Link>
    ),
    value: (row) => row.name,
  },
  { key: "model", title: "release.model", cell: (row) => <ModelName id={row.model_id} />, value: (row) => row.model_id },
  { key: "status", title: "release.state", cell: (row) => <State kind="order" value={row.status} />, value: (row) => row.status },
  { key: "why", title: "release.why", cell: (row) => <bdi>{row.status_reason || "—"}</bdi>, value: (row) => row.status_reason },
  { key: "asked", title: "release.asked", cell: (row) => people(row.user_id), value: (row) => people(row.user_id) },
  { key: "approver", title: "release.approver", cell: (row) => people(row.approver_id), value: (row) => people(row.approver_id) },
  { key: "digest", title: "release.digest", cell: (row) => <Id id={row.digest} />, value: (row) => row.digest },
  { key: "created", title: "release.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
  { key: "id", title: "release.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
];

const STATES = ["PENDING", "AWAITING_APPROVAL", "CANARY", "ONLINE", "FAILED", "CANCELLED", "REJECTED", "ROLLED_BACK"];

export function Orders() {
  const { t } = useWords();
  const people = usePeople();
  const chosen = useChosen<WorkOrder["status"]>();
  const listed = useListed<WorkOrder>(["orders", chosen.key], async (page) => {
    const answer = await told(api.GET("/api/v1/deploy/work-orders", { params: { query: { ...page, ...chosen.query() } } }));
    return { rows: answer.work_orders ?? [], next: answer.next_cursor ?? null };
  }, FRESH);
  return (
    <>
      <Head title={t("release.orders")} lead={t("release.orders_lead")} code={{ path: "/deploy/work-orders" }}
        actions={
          <Link to="/orders/new">
            <Button type="primary">{t("release.new")}</Button>
          </Link>
        }
      />
      <Table
        name="orders"
        title={t("release.orders")}
        columns={columns(people)}
        listed={listed}
        rowKey={(row) => row.id}
        tools={<Filters kind="order" states={STATES} />}
        empty={chosen.key !== "//" ? <p className="why">{t("parts.no_match")}</p> : <Empty title={t("release.no_orders")} text={t("release.no_orders_how")} command="modelyard deploy order --help" />}
      />
    </>
  );
}
