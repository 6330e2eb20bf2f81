/** Histories carry states as numbers; these are the contract's names of them (a test compares both). */
import type { Kind } from "@/words";

const TASK = { 0: "PENDING", 10: "RUNNING", 20: "WAITING_HUMAN", 30: "PAUSED", 40: "CANCELLING", 90: "SUCCEEDED", 91: "FAILED", 92: "CANCELLED" };
const VERSION = { 0: "CREATED", 10: "TRAINING", 20: "TRAINED", 30: "EVALUATING", 40: "QUALIFIED", 45: "REJECTED", 90: "RETIRED", 99: "QUARANTINED" };
const PROJECT = { 0: "CREATED", 10: "TRAINING", 20: "TRAINED", 30: "EVALUATING", 40: "QUALIFIED", 45: "REJECTED", 50: "ONLINE" };
const ORDER = {
  0: "PENDING", 10: "CONVERTING", 20: "VERIFYING", 30: "PACKAGING", 40: "EVALUATING", 50: "AWAITING_APPROVAL", 60: "PROVISIONING", 70: "SMOKE_TESTING",
  80: "CANARY", 90: "ONLINE", 91: "FAILED", 92: "CANCELLED", 93: "REJECTED", 94: "ROLLING_BACK", 95: "ROLLED_BACK",
};

const KINDS: Record<string, [Kind, Record<number, string>]> = {
  model_project: ["project", PROJECT],
  model_version: ["version", VERSION],
  train_task: ["task", TASK],
  eval_task: ["task", TASK],
  dataset_task: ["task", TASK],
  work_order: ["order", ORDER],
};

export function stateName(entity: string, number: number): { kind: Kind; name: string } {
  const [kind, names] = KINDS[entity] ?? (["task", {}] as [Kind, Record<number, string>]);
  return { kind, name: names[number] ?? String(number) };
}
