/** The work orders that wait for this person's decision: home and My work show them. */
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH } from "@/api/live";
import { useListed, type Listed } from "@/api/pages";
import { mayDecide, useSession } from "@/api/session";
import type { WorkOrder } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { State } from "@/parts/State";
import { ModelName } from "../models/ModelName";

const AWAITING = "AWAITING_APPROVAL";

/** Of an owner or operator, and not of who asked. */
export function useWaiting(): Listed<WorkOrder> {
  useSession();
  const listed = useListed<WorkOrder>(["orders", AWAITING], async (page) => {
    const answer = await told(api.GET("/api/v1/deploy/work-orders", { params: { query: { ...page, statuses: [AWAITING] } } }));
    return { rows: answer.work_orders ?? [], next: answer.next_cursor ?? null };
  }, FRESH);
  return { ...listed, rows: listed.rows.filter((order) => mayDecide(order.user_id)) };
}

export function WaitingOrder({ order }: { order: WorkOrder }) {
  return (
    <div className="item">
      <Link to={`/orders/${order.id}`}>
        <bdi>{order.name}</bdi>
      </Link>
      <State kind="order" value={order.status} />
      <small>
        <ModelName id={order.model_id} />
      </small>
      <span className="aside">
        <Ago time={order.update_time} />
      </span>
    </div>
  );
}
