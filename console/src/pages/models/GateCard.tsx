/** The release gate of the latest version: each rule, what was measured, and what is missing. */
import type { GateVerdict, ModelStatus } from "@/api/types";
import { Mark, shapeOf, State, toneOf } from "@/parts/State";
import { useWords } from "@/words";

export function GateCard({ status }: { status: ModelStatus }) {
  const { t } = useWords();
  if (status.model.state !== "ok") return null;
  const { verdict, gate, latest_version: version } = status.model;
  return (
    <section className="card">
      <h2>
        {t("models.gate")} {version && `v${version.number}`}
        <span className="aside">{verdict && <State kind="gate" value={verdict.verdict} />}</span>
      </h2>
      {gate && !gate.enabled && <p className="why">{t("models.gate_off", { reason: gate.off_reason })}</p>}
      {verdict ? <Rules verdict={verdict} /> : <p className="why">{t("models.gate_no_version")}</p>}
    </section>
  );
}

export function Rules({ verdict }: { verdict: GateVerdict }) {
  const { t, num, word, metric } = useWords();
  return (
    <div className="gate">
      {verdict.results.map((each, index) => (
        <div key={index} className="contents">
          <svg className={`tone-${toneOf(each.verdict)}`} viewBox="0 0 10 10" role="img" aria-label={word("gate", each.verdict)}>
            <Mark shape={shapeOf(each.verdict)} />
          </svg>
          <span>
            {metric(each.rule.metric)} {each.rule.comparator === "AT_LEAST" ? "≥" : "≤"} {num(each.rule.bound, 4)}
            <div className="why none">{each.rule.min_coverage > 0
              ? t("models.rule_needs", { items: each.rule.min_items, coverage: num(each.rule.min_coverage * 100) })
              : t("models.rule_needs_items", { items: each.rule.min_items })}</div>
          </span>
          <span className="v">{each.verdict === "NO_DATA" ? word("gate", "NO_DATA") : num(each.value, 4)}</span>
        </div>
      ))}
    </div>
  );
}
