/** Which questions a change is about. One table: a page that asks something new adds its key here. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { PageOf } from "./pages";
import type { ModelStatus } from "./types";

export interface Change {
  service: string;
  entity: string;
  id: string;
  parent_id: string;
  kind: "MADE" | "CHANGED" | "DELETED" | "PROGRESS";
  state: string;
  version: number;
  user_id: string;
  name: string;
  time: string;
  done: string;
  total: string;
}

type Keys = (readonly unknown[])[];
type Table = Record<string, (change: Change, questions: QueryClient) => Keys>;

const CHANGED: Table = {
  model_project: ({ id }) => [["models"], ["model", id], ["model-name", id]],
  model_version: ({ id, parent_id }) => [["model", parent_id], ["lineage", id]],
  model_alias: ({ parent_id }) => [["model", parent_id]],
  release_gate: ({ parent_id }) => [["model", parent_id]],
  gate_override: ({ parent_id }) => [["model", parent_id]],
  evidence: ({ parent_id }) => [["evidence", parent_id]],
  train_task: ({ id, parent_id }) => [["training"], ["train-task", id], ["points", id], ["task-log", id], ["model", parent_id]],
  eval_task: ({ id, parent_id }) => [["evaluation"], ["eval-task", id], ["task-log", id], ["model", parent_id], ["grid"]],
  prompt: ({ id }) => [["prompts"], ["prompt", id]],
  eval_grid: ({ id }) => [["grids"], ["grid", id]],
  dataset: ({ id }) => [["datasets"], ["dataset", id]],
  dataset_version: ({ id, parent_id }) => [["dataset", parent_id], ["dataset-version", id]],
  dataset_task: ({ id, parent_id }) => [["data-tasks"], ["dataset-task", id], ["task-log", id], ["dataset", parent_id]],
  recipe: ({ id }) => [["recipes"], ["recipe", id]],
  work_order: ({ id, parent_id }) => [["orders"], ["order", id], ["model", parent_id]],
  serving_slot: ({ parent_id }) => [["slots"], ["model", parent_id]],
  instance: ({ parent_id }, questions) => [["slots"], ...modelsOf(questions, parent_id)],
  department: () => [["departments"]],
  project_space: () => [["spaces"]],
  user: () => [["users"], ["people"]],
  membership: () => [["members"], ["people"]],
  session: () => [["sessions"]],
  api_key: () => [["keys"]],
};

/** A step further: lists have its figures from the change itself. */
const PROGRESS: Table = {
  train_task: ({ id }) => [["train-task", id], ["points", id], ["task-log", id]],
  eval_task: ({ id }) => [["eval-task", id], ["task-log", id]],
  dataset_task: ({ id }) => [["dataset-task", id], ["task-log", id]],
  work_order: ({ id }) => [["order", id], ["orders"]],
  instance: CHANGED.instance!,
};

export function touched(questions: QueryClient, change: Change): Keys {
  const table = change.kind === "PROGRESS" ? PROGRESS : CHANGED;
  return table[change.entity]?.(change, questions) ?? [];
}

/** The open model pages that show a slot. */
function modelsOf(questions: QueryClient, slot: string): Keys {
  const known = questions.getQueriesData<ModelStatus>({ queryKey: ["model"], predicate: (query) => query.queryKey[2] === "status" });
  return known.filter(([, status]) => status?.deploy.state === "ok" && status.deploy.slots.some((each) => each.id === slot)).map(([key]) => key);
}

interface Running {
  id: string;
  progress_done: string;
  progress_total: string;
}

const LISTS: Record<string, (change: Change) => readonly unknown[]> = {
  train_task: () => ["training"],
  eval_task: () => ["evaluation"],
  dataset_task: () => ["data-tasks"],
};

/** Writes how far a task is into the lists that show it, so that a running task costs no question. */
export function patched(questions: QueryClient, change: Change): void {
  if (change.kind !== "PROGRESS") return;
  const far = { progress_done: change.done, progress_total: change.total };
  const list = LISTS[change.entity];
  if (list) {
    questions.setQueriesData<InfiniteData<PageOf<Running>>>({ queryKey: list(change) }, (known) => {
      if (!known?.pages.some((page) => page.rows.some((row) => row.id === change.id))) return known;
      const pages = known.pages.map((page) => ({ ...page, rows: page.rows.map((row) => (row.id === change.id ? { ...row, ...far } : row)) }));
      return { ...known, pages };
    });
  }
  const part = change.entity === "train_task" ? "train" : change.entity === "eval_task" ? "eval" : null;
  if (!part) return;
  questions.setQueryData<ModelStatus>(["model", change.parent_id, "status"], (known) => {
    const of = known?.[part];
    if (!known || of?.state !== "ok" || of.latest_task?.id !== change.id) return known;
    return { ...known, [part]: { ...of, latest_task: { ...of.latest_task, ...far } } };
  });
}
