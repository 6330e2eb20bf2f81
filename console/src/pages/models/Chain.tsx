/** Data → training → evaluation → release → serving: of each its state, one figure, its age, and what waits and why. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { ApiError, api, told } from "@/api/client";
import type { DatasetVersion, EvalTask, Ledger, ModelStatus, Slot, TrainTask, WorkOrder } from "@/api/types";
import { Ago, useNow } from "@/parts/Ago";
import { Id } from "@/parts/Id";
import { Mark, Pill, State } from "@/parts/State";
import { useReason } from "@/parts/Failure";
import { useWords, type Key } from "@/words";

export function Chain({ status, again }: { status: ModelStatus; again: () => void }) {
  const { t } = useWords();
  return (
    <section className="chain" aria-label={t("models.chain")}>
      <Data status={status} />
      {status.train.state === "ok" ? (
        status.train.latest_task ? <Training task={status.train.latest_task} metrics={status.train.latest_metrics} /> : <None name="models.training" text="models.no_training" />
      ) : (
        <Gone name="models.training" why={status.train.message} id={status.request_id} again={again} />
      )}
      {status.eval.state === "ok" ? (
        status.eval.latest_task ? <Evaluation task={status.eval.latest_task} status={status} /> : <None name="models.evaluation" text="models.no_evaluation" />
      ) : (
        <Gone name="models.evaluation" why={status.eval.message} id={status.request_id} again={again} />
      )}
      {status.deploy.state === "ok" ? (
        <>
          {status.deploy.latest_order ? <Release order={status.deploy.latest_order} /> : <None name="models.release" text="models.no_release" />}
          {status.deploy.slots.some((slot) => slot.weights.length) ? (
            <Serving slots={status.deploy.slots} qps={status.deploy.qps} p99={status.deploy.p99_ms} />
          ) : (
            <None name="models.serving" text="models.no_serving" />
          )}
        </>
      ) : (
        <>
          <Gone name="models.release" why={status.deploy.message} id={status.request_id} again={again} />
          <Gone name="models.serving" why={status.deploy.message} id={status.request_id} again={again} />
        </>
      )}
    </section>
  );
}

interface CardProps {
  name: Key;
  to?: string;
  state: ReactNode;
  figure: ReactNode;
  unit?: ReactNode;
  children?: ReactNode;
}

function Card({ name, to, state, figure, unit, children }: CardProps) {
  const { t } = useWords();
  return (
    <article className="card">
      <h2>
        {to ? <Link to={to}>{t(name)}</Link> : t(name)}
        {state}
      </h2>
      <div className="fig">
        {figure}
        {unit && <small>{unit}</small>}
      </div>
      {children}
    </article>
  );
}

function None({ name, text }: { name: Key; text: Key }) {
  const { t } = useWords();
  return (
    <Card name={name} state={<Pill tone="off" shape="ring">{t("models.none_yet")}</Pill>} figure="—">
      <div className="why">{t(text)}</div>
    </Card>
  );
}

/** A part that does not answer: greyed with its reason, while the others stay true. */
function Gone({ name, why, id, again }: { name: Key; why: string; id: string; again: () => void }) {
  const { t } = useWords();
  return (
    <article className="card gone">
      <h2>
        {t(name)}
        <span className="pill off">
          <Mark shape="cross" />
          {t("models.unreachable")}
        </span>
      </h2>
      <div className="fig">—</div>
      <div className="why">
        {why} {t("models.rest_is_true")}
        <br />
        <button type="button" className="plain inline" onClick={again}>
          {t("parts.again")}
        </button>{" "}
        {id && (
          <>
            {t("parts.request")} <Id id={id} />
          </>
        )}
      </div>
    </article>
  );
}

function useData(id: string) {
  return useQuery({
    queryKey: ["dataset-version", id],
    enabled: !!id && id !== "0",
    staleTime: 60_000,
    queryFn: async () => (await told(api.GET("/api/v1/datasets/versions/{id}", { params: { path: { id } } }))).dataset_version,
  });
}

function Data({ status }: { status: ModelStatus }) {
  const { t } = useWords();
  const reason = useReason();
  const fromTask = status.train.state === "ok" ? status.train.latest_task?.train_dataset_version_id : undefined;
  const fromVersion = status.model.state === "ok" ? status.model.latest_version?.dataset_version_ids[0] : undefined;
  const found = useData(fromTask ?? fromVersion ?? "");
  if (!fromTask && !fromVersion) return <None name="models.data" text="models.no_data" />;
  if (found.error) {
    const id = found.error instanceof ApiError ? found.error.problem.request_id : "";
    return <Gone name="models.data" why={reason(found.error)} id={id} again={() => void found.refetch()} />;
  }
  if (!found.data) return <div className="bones" aria-busy="true" />;
  return <DataCard version={found.data} ready={t("models.ready")} />;
}

function DataCard({ version, ready }: { version: DatasetVersion; ready: string }) {
  const { t, num } = useWords();
  const ledger = version.ledger as Ledger;
  const dropped = Object.values(ledger.dropped ?? {}).reduce((sum, each) => sum + each, 0);
  const counts = { in: num(ledger.in ?? 0), out: num(ledger.out ?? 0), dropped: num(dropped), added: num(ledger.added ?? 0) };
  const part = !!ledger.out && Number(version.records) < ledger.out;
  return (
    <Card
      name="models.data"
      to={`/datasets/${version.dataset_id}`}
      state={<Pill tone="ok" shape="check">{ready}</Pill>}
      figure={num(Number(version.records))}
      unit={t("models.records_of", { number: version.number })}
    >
      <div className="why">
        {part ? t("models.ledger_part", counts) : t(ledger.added ? "models.ledger_added" : "models.ledger", counts)}
        <br />
        <Ago time={version.create_time} />
      </div>
    </Card>
  );
}

function Training({ task, metrics }: { task: TrainTask; metrics: Record<string, number> }) {
  const { t, num, percent, lasting, word } = useWords();
  const now = useNow();
  const [done, total] = [Number(task.progress_done), Number(task.progress_total)];
  const runs = ["RUNNING", "PENDING", "PAUSED", "CANCELLING"].includes(task.status);
  const left = task.status === "RUNNING" && done > 0 && total > done ? ((now - Number(task.start_time)) * (total - done)) / done : 0;
  const loss = metrics.loss ?? (task.result as { final_loss?: number }).final_loss;
  return (
    <Card
      name="models.training"
      to={`/training/${task.id}`}
      state={<State kind="task" value={task.status} />}
      figure={runs && total ? percent(done / total) : loss !== undefined ? num(loss, 4) : "—"}
      unit={runs && total ? loss !== undefined && `${t("models.loss")} ${num(loss, 4)}` : loss !== undefined && t("models.loss")}
    >
      {runs && total > 0 && <progress className="bar" value={done} max={total} aria-label={t("models.training")} />}
      <div className="why">
        {total > 0 && t("models.steps", { done: num(done), total: num(total) })}
        {left > 0 && ` · ${t("models.left", { time: lasting(left) })}`}
        {task.attempt > 1 && ` · ${t("models.tries", { count: task.attempt })}`}
        {task.reason !== "NONE" && <div>{word("reason", task.reason)}</div>}
        <div>
          <Ago time={Number(task.finish_time) || task.update_time} />
        </div>
      </div>
    </Card>
  );
}

/** The figure people look at: the metric of the gate's first rule, with its interval where one was computed. */
export function headline(task: EvalTask, status: ModelStatus): { name: string; value?: number | undefined; low?: number | undefined; high?: number | undefined } {
  const rule = status.model.state === "ok" ? status.model.gate?.rules[0]?.metric : undefined;
  const name = rule ?? "exact_match";
  return { name, value: task.metrics[name], low: task.metrics[`${name}.low`], high: task.metrics[`${name}.high`] };
}

function Evaluation({ task, status }: { task: EvalTask; status: ModelStatus }) {
  const { t, num, score, percent, word, metric } = useWords();
  const { name, value, low, high } = headline(task, status);
  const [done, total] = [Number(task.progress_done), Number(task.progress_total)];
  const runs = value === undefined && total > 0 && !["FAILED", "CANCELLED"].includes(task.status);
  return (
    <Card
      name="models.evaluation"
      to={`/evaluation/${task.id}`}
      state={<State kind="task" value={task.status} />}
      figure={value !== undefined ? score(value) : runs ? percent(done / total) : "—"}
      unit={value !== undefined && (low !== undefined && high !== undefined ? `[${score(low)}, ${score(high)}]` : metric(name))}
    >
      {runs && <progress className="bar" value={done} max={total} aria-label={t("models.evaluation")} />}
      <div className="why">
        {value !== undefined && `${metric(name)} · `}
        {t("models.items", { count: num(Number(task.items) || total) })}
        {Number(task.failed_items) > 0 && ` · ${t("models.failed_items", { count: num(Number(task.failed_items)) })}`}
        {task.verdict && <div>{t("models.verdict", { word: word("gate", task.verdict) })}</div>}
        {task.reason !== "NONE" && <div>{word("reason", task.reason)}</div>}
        <div>
          <Ago time={Number(task.finish_time) || task.update_time} />
        </div>
      </div>
    </Card>
  );
}

const STAGES = ["PENDING", "CONVERTING", "VERIFYING", "PACKAGING", "EVALUATING", "AWAITING_APPROVAL", "PROVISIONING", "SMOKE_TESTING", "CANARY", "ONLINE"];

function Release({ order }: { order: WorkOrder }) {
  const { t } = useWords();
  const stage = STAGES.indexOf(order.status);
  return (
    <Card
      name="models.release"
      to={`/orders/${order.id}`}
      state={<State kind="order" value={order.status} />}
      figure={<bdi className="small">{order.name}</bdi>}
      unit={stage >= 0 && order.status !== "ONLINE" && t("models.stage", { done: stage + 1, total: STAGES.length })}
    >
      <div className="why">
        {order.status === "AWAITING_APPROVAL" && <div>{t("models.waits_approval")}</div>}
        {order.status_reason && <bdi>{order.status_reason}</bdi>}
        {order.digest && (
          <div>
            <Id id={order.digest} />
          </div>
        )}
        <Ago time={Number(order.finish_time) || order.update_time} />
      </div>
    </Card>
  );
}

function Serving({ slots, qps, p99 }: { slots: Slot[]; qps: number; p99: number }) {
  const { t, num } = useWords();
  const weights = slots.flatMap((slot) => slot.weights);
  const instances = slots.flatMap((slot) => slot.instances).filter((each) => each.state !== "STOPPED");
  const ready = instances.filter((each) => each.state === "READY").length;
  const errors = instances.reduce((sum, each) => sum + Number(each.errors), 0);
  const state =
    ready === instances.length && ready > 0 ? (
      <Pill tone="ok" shape="dot">{t("models.online")}</Pill>
    ) : (
      <Pill tone={ready ? "wait" : "bad"} shape={ready ? "warn" : "cross"}>{t(ready ? "models.partly" : "models.down")}</Pill>
    );
  return (
    <Card name="models.serving" to="/slots" state={state} figure={weights.map((each) => `v${each.model_version_number}`).join(" → ")} unit={t("models.per_second", { count: num(qps, 2) })}>
      <div className="why">
        {p99 >= 0 ? t("models.p99", { ms: num(p99, p99 < 10 ? 1 : 0) }) : t("models.no_traffic")}
        <br />
        {t("models.instances", { ready, all: instances.length })}
        {errors > 0 && ` · ${t("models.errors", { count: num(errors) })}`}
        <br />
        {slots.map((slot) => `${slot.environment} · ${slot.room}`).join(", ")}
      </div>
    </Card>
  );
}
