/** What rules did to a sample: the ledger, what each dropped and changed, every drop with its reason, every change before and after. */
import type { CleaningSample } from "@/api/types";
import { Diff } from "@/parts/Diff";
import { useWords } from "@/words";
import { useState } from "react";

const FIRST = 8; // changed records shown at once

export function CleanSample({ sample, stale }: { sample: CleaningSample; stale: boolean }) {
  const { t, num, word } = useWords();
  const [all, setAll] = useState(false);
  const [came, went] = [sample.ledger.in ?? 0, sample.ledger.out ?? 0];
  return (
    <div className={stale ? "stale" : undefined} aria-busy={stale}>
      <p className="fig">
        {num(came)} <small>{t("datasets.came_in")}</small> = {num(went)} <small>{t("datasets.went_out")}</small> + {num(came - went)} <small>{t("datasets.were_dropped")}</small>
      </p>
      <p className="why">{t(sample.whole ? "datasets.sample_whole" : "datasets.sample_part")}</p>
      <ul className="bars">
        {sample.rules.map((each) => (
          <li key={each.rule}>
            <span className="left">{word("rule", each.rule)}</span>
            <progress className="bar" value={Number(each.dropped)} max={came || 1} aria-label={word("rule", each.rule)} />
            <span>
              {t("datasets.drops", { count: num(Number(each.dropped)) })} · {t("datasets.changes", { count: num(Number(each.changed)) })}
            </span>
          </li>
        ))}
      </ul>
      {sample.changed.length > 0 && <h3 className="between below">{t("datasets.changed_records", { count: num(sample.changed.length) })}</h3>}
      {sample.changed.slice(0, all ? undefined : FIRST).map((each) => (
        <article className="change" key={each.record_id}>
          <p className="why">{each.rules.map((rule) => word("rule", rule.split("@")[0]!)).join(", ")}</p>
          {each.changes.map((one) => (
            <div key={one.field}>
              <small>{one.field}</small>
              <Diff before={one.before} after={one.after} />
            </div>
          ))}
        </article>
      ))}
      {!all && sample.changed.length > FIRST && (
        <button type="button" className="plain inline below" onClick={() => setAll(true)}>
          {t("datasets.show_all", { count: num(sample.changed.length) })}
        </button>
      )}
      {sample.dropped.length > 0 && <h3 className="between below">{t("datasets.dropped_records", { count: num(sample.dropped.length) })}</h3>}
      {sample.dropped.length > 0 && (
        <div className="grid" tabIndex={0} role="region" aria-label={t("datasets.dropped")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("datasets.rule")}</th>
                <th scope="col">{t("datasets.why")}</th>
                <th scope="col">{t("datasets.excerpt")}</th>
              </tr>
            </thead>
            <tbody>
              {sample.dropped.map((each, index) => (
                <tr key={index}>
                  <td>{word("rule", each.rule)}</td>
                  <td>
                    <bdi>{each.reason}</bdi>
                  </td>
                  <td>
                    <bdi>{each.excerpt.slice(0, 120) || "—"}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
