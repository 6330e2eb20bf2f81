/** Types of the contract's answers, as pages use them. `schema.d.ts` is generated; the parts the document leaves open are named here. */
import type { paths } from "./schema";

export type Facts = Record<string, unknown>;

/** What a service answers is complete: fields are only optional in the document because senders may leave them out. */
export type Full<T> = T extends (infer Item)[]
  ? Full<Item>[]
  : T extends object
    ? string extends keyof T
      ? [T[keyof T]] extends [never]
        ? Facts
        : Record<string, Full<T[keyof T]>>
      : { [Key in keyof T]-?: Full<Exclude<T[Key], undefined>> }
    : T;

type Success<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: { content: { "application/json": infer Body } } } } }
  ? Full<Body>
  : never;

export type Project = Success<"/api/v1/models/{id}">["project"];
export type DeletedProject = Success<"/api/v1/models/deleted">["deleted"][number];
export type ModelAlias = Success<"/api/v1/models/{project_id}/aliases">["model_aliases"][number];
export type ModelVersion = Success<"/api/v1/models/versions/{id}">["model_version"];
export type Gate = Success<"/api/v1/models/{project_id}/gate">["gate"];
export type GateVerdict = Success<"/api/v1/models/versions/{model_version_id}/verdict">["verdict"];
export type GateExplanation = Success<"/api/v1/models/versions/{model_version_id}/gate">["explanation"];
export type ExplainedRule = GateExplanation["rules"][number];
export type GateOverride = Success<"/api/v1/models/overrides/{id}">["gate_override"];
export type Evidence = Success<"/api/v1/models/versions/{model_version_id}/evidence">["evidence"][number];
export type Edge = Success<"/api/v1/models/versions/{model_version_id}/lineage">["edges"][number];
export type ModelCard = Success<"/api/v1/models/versions/{model_version_id}/card">["card"];
export type StateEvent = Success<"/api/v1/models/events">["events"][number];
export type Dataset = Success<"/api/v1/datasets/{id}">["dataset"];
export type DatasetVersion = Success<"/api/v1/datasets/versions/{id}">["dataset_version"];
export type Export = Success<"/api/v1/datasets/versions/{dataset_version_id}/export">["prepared"];
export type Recipe = Success<"/api/v1/datasets/recipes/{id}">["recipe"];
export type KnowledgeBase = Success<"/api/v1/knowledge/bases/{id}">["knowledge_base"];
export type KnowledgeDocument = Success<"/api/v1/knowledge/documents/{id}">["knowledge_document"];
export type KnowledgeText = Success<"/api/v1/knowledge/documents/{id}">["document_text"];
export type KnowledgeAnswer = Success<"/api/v1/knowledge/bases/{base_id}/answer">["knowledge_answer"];
export type Passage = Success<"/api/v1/knowledge/bases/{base_id}/search">["passages"][number];
export type DeletedDataset = Success<"/api/v1/datasets/deleted">["deleted"][number];
export type Purge = Success<"/api/v1/datasets/purges/{id}">["purge"];
export type DatasetTask = Success<"/api/v1/datasets/tasks/{id}">["dataset_task"];
export type MyTask = Success<"/api/v1/my-work">["tasks"][number];
export type Annotation = Success<"/api/v1/datasets/tasks/{task_id}/annotation">["annotation"];
export type Work = Success<"/api/v1/datasets/tasks/{task_id}/my-answers">["work"][number];
export type Member = Success<"/api/v1/datasets/tasks/{task_id}/members">["members"][number];
export type Agreement = Success<"/api/v1/datasets/tasks/{task_id}/agreement">["fields"][number];
export type WorkTemplate = Success<"/api/v1/datasets/templates/{id}">["template"];
export type Pool = Success<"/api/v1/datasets/pools/{id}">["pool"];
export type Upload = Success<"/api/v1/datasets/uploads/{id}">["upload"];
export type FieldSummary = Success<"/api/v1/datasets/versions/{dataset_version_id}/summary">["fields"][number];
export type Dropped = Success<"/api/v1/datasets/tasks/{task_id}/dropped">["dropped"][number];
export type TrainTask = Success<"/api/v1/train/tasks/{id}">["train_task"];
export type MetricPoint = Success<"/api/v1/train/tasks/{task_id}/metrics">["points"][number];
export type EvalTask = Success<"/api/v1/eval/tasks/{id}">["eval_task"];
export type EvalConfig = Success<"/api/v1/eval/configs/{id}">["config"];
export type Rater = Success<"/api/v1/eval/tasks/{task_id}/raters">["raters"][number];
export type Comparison = Success<"/api/v1/eval/tasks/{first_task_id}/compare/{second_task_id}">["comparison"];
export type MetricComparison = Comparison["metrics"][number];
export type EvalDifference = Success<"/api/v1/eval/tasks/{first_task_id}/compare/{second_task_id}/items">["differences"][number];
export type Prompt = Success<"/api/v1/eval/prompts/{id}">["prompt"];
export type PromptVersion = Success<"/api/v1/eval/prompts/{prompt_id}/versions">["prompt_versions"][number];
export type GridCells = Success<"/api/v1/eval/grids/{id}">;
export type EvalGrid = GridCells["grid"];
export type CellComparison = Success<"/api/v1/eval/grids/{id}/compare/{first_task_id}">["cells"][number];
export type EvalItem = Success<"/api/v1/eval/tasks/{task_id}/items">["items"][number];
export type ComputeNode = Success<"/api/v1/resource/nodes">["compute_nodes"][number];
export type Quota = Success<"/api/v1/resource/quotas">["quotas"][number];
export type Reservation = Success<"/api/v1/resource/reservations">["reservations"][number];
export type CostRow = Success<"/api/v1/resource/cost">["cost_rows"][number];
export type Price = Success<"/api/v1/resource/prices">["prices"][number];
export type WorkOrder = Success<"/api/v1/deploy/work-orders/{id}">["work_order"];
export type Slot = Success<"/api/v1/deploy/slots/{id}">["slot"];
export type User = Success<"/api/v1/users/{id}">["user"];
export type Membership = Success<"/api/v1/memberships">["memberships"][number];
export type FirstSteps = Success<"/api/v1/auth/first">;
export type Space = Success<"/api/v1/spaces">["spaces"][number];
export type Department = Success<"/api/v1/departments">["departments"][number];
export type ApiKey = Success<"/api/v1/keys">["keys"][number];
export type Session = Success<"/api/v1/sessions">["sessions"][number];
export type AuditEvent = Success<"/api/v1/audit">["events"][number];

/** A record of a sample before and after. */
export interface SampledChange {
  record_id: string;
  rules: string[];
  changes: { field: string; before: string; after: string }[];
}

/** What rules would do to a sample of a version. */
export interface CleaningSample {
  rules: { rule: string; dropped: string; changed: string }[];
  dropped: Dropped[];
  changed: SampledChange[];
  ledger: Ledger;
  whole: boolean;
}

/** in + added = out + Σ dropped. */
export interface Ledger {
  in?: number;
  out?: number;
  added?: number;
  dropped?: Record<string, number>;
  /** Of a recipe: the same for each of its steps. */
  steps?: ({ kind: string } & Ledger)[];
  /** Of a split: how many records of what went out are in each part. */
  parts?: Record<string, number>;
}

/** One domain's part of the composed status: what it said, or why it did not. */
export type Part<Body> = ({ state: "ok"; age_ms: number } & Body) | { state: "unavailable"; reason: string; message: string };

/** A release with traffic that the gate refused; ended: its override is over, and it serves all the same. */
export interface Overridden {
  work_order_id: string;
  slot_id: string;
  model_version_number: number;
  override_id: string;
  end_time: string;
  ended: boolean;
}

export interface ModelStatus {
  id: string;
  as_of: string;
  missing: string[];
  /** Of the answer, for whoever asks why a part is missing. */
  request_id: string;
  model: Part<{ project: Project; latest_version?: ModelVersion; gate?: Gate; verdict?: GateVerdict; overrides: GateOverride[] }>;
  train: Part<{ latest_task?: TrainTask; latest_metrics: Record<string, number>; running_tasks: string }>;
  eval: Part<{ latest_task?: EvalTask; running_tasks: string }>;
  deploy: Part<{ latest_order?: WorkOrder; slots: Slot[]; qps: number; p99_ms: number; overridden: Overridden[] }>;
}

/** What was true and live at a moment, by the records. */
export interface PastStatus {
  id: string;
  as_of: string;
  missing: string[];
  model: Part<{
    existed: boolean;
    status: string;
    gate_enabled: boolean;
    versions: { id: string; number: number; status: string }[];
    overrides: GateOverride[];
  }>;
  deploy: Part<{
    slots: { slot_id: string; environment: string; room: string; weights: { digest: string; model_version_number: number; weight: number }[] }[];
    orders: { id: string; status: string }[];
  }>;
}

export interface Place {
  project_space_id: string;
  space_name: string;
  roles: string[];
  clearance: string;
}

export interface Me {
  user: User;
  places: Place[];
  project_space_id: string;
  roles: string[];
  credential: string;
  csrf?: string;
}

/** The body of every failed answer. */
export interface ApiProblem {
  code: number;
  reason: string;
  message: string;
  field?: string | null;
  limit?: string | null;
  request_id: string;
  retryable?: boolean;
}
