/** What each step of an order left behind: parity, package, evaluation, gate, smoke test, canary. */
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { WorkOrder } from "@/api/types";
import { Id } from "@/parts/Id";
import { Pill, State } from "@/parts/State";
import { useWords, type Key } from "@/words";

interface Left {
  export?: { digest?: string; bytes?: number; opset?: number };
  parity?: { max_abs_diff?: number; tolerance?: number; questions?: number; greedy_equal_share?: number; passed?: boolean };
  package?: { digest?: string };
  evaluation?: { task_id?: string; items?: number; failed_items?: number; metrics?: Record<string, number>; verdict?: string };
  gate?: { verdict?: string; rules?: { metric: string; comparator: string; bound: number; value: number; verdict: string }[] };
  smoke?: { instances?: { id: string; probes: number; equal: number; slowest_ms: number }[] };
  canary?: { steps?: number[]; index?: number };
}

export function Evidence({ order }: { order: WorkOrder }) {
  const { t, num, percent, score, bytes, metric } = useWords();
  const left = order.evidence as Left;
  const { parity, evaluation, gate, smoke, canary } = left;
  const metrics = Object.entries(evaluation?.metrics ?? {}).filter(([name]) => !name.includes("."));
  return (
    <section className="card">
      <h2>{t("release.evidence")}</h2>
      {Object.keys(left).length === 0 && <p className="why">{t("release.no_evidence")}</p>}
      <dl className="steps-left">
        {left.export && (
          <Step name="release.exported">
            {bytes(left.export.bytes ?? 0)} · ONNX opset {left.export.opset} · <Id id={left.export.digest ?? ""} />
          </Step>
        )}
        {parity && (
          <Step name="release.parity" state={<Passed ok={parity.passed ?? false} />}>
            {t("release.parity_says", { diff: (parity.max_abs_diff ?? 0).toExponential(1), tolerance: (parity.tolerance ?? 0).toExponential(0), questions: num(parity.questions ?? 0), share: percent(parity.greedy_equal_share ?? 0, 1) })}
          </Step>
        )}
        {left.package && (
          <Step name="release.packaged">
            <Id id={left.package.digest ?? ""} />
          </Step>
        )}
        {evaluation && (
          <Step name="release.evaluated" state={evaluation.verdict ? <State kind="gate" value={evaluation.verdict} /> : null}>
            <Link to={`/evaluation/${order.eval_task_id}`}>{t("release.items", { count: num(evaluation.items ?? 0), failed: num(evaluation.failed_items ?? 0) })}</Link>{" "}
            {metrics.map(([name, value]) => `${metric(name)} ${score(value)}`).join(" · ")}
          </Step>
        )}
        {gate && (
          <Step name="release.gate" state={gate.verdict ? <State kind="gate" value={gate.verdict} /> : null}>
            {(gate.rules ?? []).map((rule) => `${metric(rule.metric)} ${score(rule.value)} ${rule.comparator === "AT_LEAST" ? "≥" : "≤"} ${num(rule.bound, 4)}`).join(" · ")}
          </Step>
        )}
        {smoke && (
          <Step name="release.smoke">
            {(smoke.instances ?? []).map((each) => t("release.smoke_says", { equal: each.equal, probes: each.probes, ms: num(each.slowest_ms, 1) })).join(" · ")}
          </Step>
        )}
        {canary?.steps && <Step name="release.canary">{canary.steps.map((step) => `${step} %`).join(" → ")}</Step>}
      </dl>
    </section>
  );
}

function Passed({ ok }: { ok: boolean }) {
  const { t } = useWords();
  return (
    <Pill tone={ok ? "ok" : "bad"} shape={ok ? "check" : "cross"}>
      {t(ok ? "release.passed" : "release.not_passed")}
    </Pill>
  );
}

function Step({ name, state, children }: { name: Key; state?: ReactNode; children: ReactNode }) {
  const { t } = useWords();
  return (
    <div>
      <dt>
        {t(name)} {state}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
