/** The gate explained: each rule with what it needs, what there is, whether it holds, and the next step. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { FRESH, unlessLive } from "@/api/live";
import type { ExplainedRule, ModelVersion } from "@/api/types";
import { Failure } from "@/parts/Failure";
import { Id } from "@/parts/Id";
import { Mark, shapeOf, State, toneOf } from "@/parts/State";
import { useWords } from "@/words";
import { Overrides } from "./Overrides";

export function Explain({ version, project }: { version: ModelVersion; project: string }) {
  const { t, language, num } = useWords();
  const found = useQuery({
    queryKey: ["model", project, "gate", version.id],
    refetchInterval: unlessLive(FRESH),
    queryFn: async () => (await told(api.GET("/api/v1/models/versions/{model_version_id}/gate", { params: { path: { model_version_id: version.id } } }))).explanation,
  });
  if (!found.data) return found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />;
  const { verdict, rules, summary, overrides, max_age_hours: age } = found.data;
  const refuses = verdict.verdict === "FAIL" || verdict.verdict === "NO_DATA";
  const packaged = verdict.digest !== version.artifact_digest;
  return (
    <section className="card" aria-label={t("models.gate")}>
      <h2>
        {t("models.gate")} v{version.number}
        <span className="aside">
          <State kind="gate" value={verdict.verdict} />
        </span>
      </h2>
      <p className="why">
        {summary[language]} {age > 0 && t("models.gate_age", { hours: num(age) })} {t(packaged ? "models.gate_of_package" : "models.gate_of_weights")} <Id id={verdict.digest} />
      </p>
      <ul className="steps-left">
        {rules.map((each, index) => (
          <Rule key={index} rule={each} />
        ))}
      </ul>
      <Overrides version={version} digest={verdict.digest} overrides={overrides} asks={refuses && packaged} again={() => void found.refetch()} />
      {refuses && !packaged && <p className="why">{t("models.override_package")}</p>}
    </section>
  );
}

function Rule({ rule }: { rule: ExplainedRule }) {
  const { t, word, language } = useWords();
  const { verdict } = rule.result;
  return (
    <li className="gate explained">
      <svg className={`tone-${toneOf(verdict)}`} viewBox="0 0 10 10" role="img" aria-label={word("gate", verdict)}>
        <Mark shape={shapeOf(verdict)} />
      </svg>
      <div>
        <b>{rule.needs[language]}</b>
        <div className="why none">
          {t("models.there_is")} {rule.found[language]}
        </div>
        {rule.step[language] && <div>→ {rule.step[language]}</div>}
      </div>
    </li>
  );
}
