/** The rules of the gate, for owners: what is demanded of a version, and for how long a result counts. A change is decided on what was read. */
import { Button, InputNumber, Select } from "antd";
import { useState } from "react";
import { ApiError, api, told } from "@/api/client";
import { useRoles } from "@/api/session";
import type { Gate } from "@/api/types";
import { Confirm } from "@/parts/Confirm";
import { Failure } from "@/parts/Failure";
import { useFigures } from "@/parts/Options";
import { useWords } from "@/words";

type Rule = Gate["rules"][number];
const FRESH: Rule = { metric: "exact_match", comparator: "AT_LEAST", bound: 0.8, min_items: "20", min_coverage: 1, dataset_version_id: "0" };
/** For these less is better. */
const LESS = /^(perplexity|latency_ms\.|leak)/;

export function GateRules({ gate, again }: { gate: Gate; again: () => void }) {
  const { t } = useWords();
  const owner = useRoles().includes("owner");
  const [from, setFrom] = useState(gate); // what the person began with
  const [rules, setRules] = useState(gate.rules);
  const [age, setAge] = useState(gate.max_age_hours);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [other, setOther] = useState<Gate | null>(null); // what somebody else made of it meanwhile
  if (!owner) return null;
  const begin = (read: Gate) => {
    setFrom(read);
    setRules(read.rules);
    setAge(read.max_age_hours);
    setError(null);
    setOther(null);
  };
  const refused = async (caught: unknown) => {
    if (!(caught instanceof ApiError && caught.status === 412)) return setError(caught);
    await told(api.GET("/api/v1/models/{project_id}/gate", { params: { path: { project_id: gate.project_id } } })).then((read) => setOther(read.gate), setError);
  };
  const put = async (enabled: boolean, off_reason = "") => {
    const body = { enabled, rules, max_age_hours: age, expected_version: from.version, ...(off_reason && { off_reason }) };
    begin((await told(api.PUT("/api/v1/models/{project_id}/gate", { params: { path: { project_id: gate.project_id } }, body }))).gate);
    again();
  };
  const save = async () => {
    setBusy(true);
    setError(null);
    await put(from.enabled, from.off_reason).catch(refused);
    setBusy(false);
  };
  const changed = JSON.stringify([rules, age]) !== JSON.stringify([from.rules, from.max_age_hours]);
  return (
    <section className="card" aria-label={t("models.rules")}>
      <h2>
        {t("models.rules")}
        <span className="aside acts">
          {from.enabled ? (
            <Confirm label={t("models.gate_switch_off")} what={t("models.gate_switch_off_what")} reason="required" look={{ danger: true, size: "small" }} run={(why) => put(false, why)} />
          ) : (
            <Button size="small" onClick={() => void put(true).catch(refused)}>
              {t("models.gate_switch_on")}
            </Button>
          )}
        </span>
      </h2>
      {rules.length === 0 && <p className="why">{t("models.rules_none")}</p>}
      {rules.map((rule, index) => (
        <RuleRow
          key={index}
          rule={rule}
          change={(next) => setRules(rules.map((each, at) => (at === index ? next : each)))}
          remove={() => setRules(rules.filter((_, at) => at !== index))}
        />
      ))}
      <div className="demand">
        <Button onClick={() => setRules([...rules, FRESH])}>{t("models.rule_add")}</Button>
        <label className="pick">
          {t("models.rule_age")} <InputNumber min={0} max={87_600} value={age} onChange={(next) => setAge(next ?? 0)} aria-label={t("models.rule_age")} />
        </label>
      </div>
      {error !== null && <Failure error={error} />}
      {other && <Meanwhile other={other} keep={() => { setFrom(other); setOther(null); }} drop={() => begin(other)} />}
      {changed && !other && (
        <div className="row">
          <Button type="primary" loading={busy} onClick={() => void save()}>
            {t("models.save")}
          </Button>
          <Button onClick={() => begin(gate)}>{t("models.rules_back")}</Button>
        </div>
      )}
    </section>
  );
}

/** A save came too late: what the gate demands now, and whose rules go on. */
function Meanwhile({ other, keep, drop }: { other: Gate; keep: () => void; drop: () => void }) {
  const { t, metric, num } = useWords();
  const said = (rule: Rule) => `${metric(rule.metric)} ${rule.comparator === "AT_MOST" ? "≤" : "≥"} ${num(rule.bound, 4)}`;
  return (
    <div className="failed" role="alert">
      <b>{t("models.stale_save")}</b> {t("models.rules_stale")}
      <ul>
        {other.rules.map((rule, index) => (
          <li key={index}>{said(rule)}</li>
        ))}
        {other.rules.length === 0 && <li>{t("models.rules_none")}</li>}
      </ul>
      <div className="row">
        <Button type="primary" onClick={drop}>
          {t("models.rules_theirs")}
        </Button>
        <Button onClick={keep}>{t("models.rules_mine")}</Button>
      </div>
    </div>
  );
}

function RuleRow({ rule, change, remove }: { rule: Rule; change: (rule: Rule) => void; remove: () => void }) {
  const { t, metric } = useWords();
  const figures = useFigures();
  const pick = (name: string) => change({ ...rule, metric: name, comparator: LESS.test(name) ? "AT_MOST" : "AT_LEAST" });
  return (
    <div className="demand">
      <Select value={rule.metric} onChange={pick} options={figures.map((each) => ({ value: each, label: metric(each) }))} aria-label={t("models.rule_metric")} popupMatchSelectWidth={false} />
      <Select
        value={rule.comparator}
        onChange={(comparator) => change({ ...rule, comparator })}
        options={[
          { value: "AT_LEAST", label: "≥" },
          { value: "AT_MOST", label: "≤" },
        ]}
        aria-label={t("models.rule_comparator")}
      />
      <InputNumber value={rule.bound} step={0.01} onChange={(bound) => bound !== null && change({ ...rule, bound })} aria-label={t("models.rule_bound")} />
      <label className="pick">
        {t("models.rule_items")} <InputNumber min={1} value={Number(rule.min_items)} onChange={(items) => items && change({ ...rule, min_items: String(items) })} aria-label={t("models.rule_items")} />
      </label>
      <label className="pick">
        {t("models.rule_answered")}{" "}
        <InputNumber min={0} max={100} value={Math.round(rule.min_coverage * 100)} onChange={(share) => share !== null && change({ ...rule, min_coverage: share / 100 })} suffix="%" aria-label={t("models.rule_answered")} />
      </label>
      <Button type="text" onClick={remove} aria-label={`${t("models.rule_remove")}: ${metric(rule.metric)}`}>
        ×
      </Button>
    </div>
  );
}
