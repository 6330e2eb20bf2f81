/** What a person is told about: what of theirs ended or failed, and what waits for them. Made of the change feed, kept in this browser. */
import { useSyncExternalStore } from "react";
import { hear } from "./live";
import { mayDecide, session, space } from "./session";
import type { Change } from "./touched";

export interface Notice {
  key: string;
  entity: "train_task" | "eval_task" | "dataset_task" | "work_order";
  id: string;
  name: string;
  state: string;
  time: number;
  seen: boolean;
}

const MOST = 30;
const TASK_ENDS = ["SUCCEEDED", "FAILED", "CANCELLED"];
const ENDS: Record<Notice["entity"], string[]> = {
  train_task: TASK_ENDS,
  eval_task: TASK_ENDS,
  dataset_task: TASK_ENDS,
  work_order: ["ONLINE", "FAILED", "CANCELLED", "REJECTED", "ROLLED_BACK"],
};
let shown: { of: string; notices: Notice[] } = { of: "", notices: [] };
const listeners = new Set<() => void>();

const place = () => `modelyard.notices.${session().me?.user.id ?? ""}.${space()}`;

function notices(): Notice[] {
  const of = place();
  if (shown.of !== of) shown = { of, notices: JSON.parse(localStorage.getItem(of) ?? "[]") as Notice[] };
  return shown.notices;
}

function keep(now: Notice[]): void {
  shown = { of: place(), notices: now.slice(0, MOST) };
  localStorage.setItem(shown.of, JSON.stringify(shown.notices));
  listeners.forEach((listener) => listener());
}

hear((changes) => {
  const known = new Set(notices().map((each) => each.key));
  const fresh = changes.filter(concernsMe).map(noticeOf).filter((each) => !known.has(each.key));
  if (fresh.length) keep([...fresh.reverse(), ...notices()]);
});

function concernsMe(change: Change): boolean {
  const me = session().me?.user.id;
  if (change.kind !== "CHANGED" || !(change.entity in ENDS)) return false;
  if (change.entity === "work_order" && change.state === "AWAITING_APPROVAL") return mayDecide(change.user_id);
  return change.user_id === me && ENDS[change.entity as Notice["entity"]].includes(change.state);
}

const noticeOf = (change: Change): Notice => ({
  key: `${change.entity}/${change.id}/${change.state}`,
  entity: change.entity as Notice["entity"],
  id: change.id,
  name: change.name || change.id,
  state: change.state,
  time: Number(change.time),
  seen: false,
});

export function useNotices(): { notices: Notice[]; look: () => void } {
  const found = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notices,
  );
  return { notices: found, look: () => found.some((each) => !each.seen) && keep(found.map((each) => ({ ...each, seen: true }))) };
}
