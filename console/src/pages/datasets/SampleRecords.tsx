/** Records of a sample: every change before and after, every drop with its reason. */
import { useState } from "react";
import type { Dropped, SampledChange } from "@/api/types";
import { Diff } from "@/parts/Diff";
import { useWords } from "@/words";

const FIRST = 8; // changed records shown at once

export function SampleRecords({ changed, dropped }: { changed: SampledChange[]; dropped: Dropped[] }) {
  const { t, num, word } = useWords();
  const [all, setAll] = useState(false);
  const steps = dropped.some((each) => each.step > 0);
  return (
    <>
      {changed.length > 0 && <h3 className="between below">{t("datasets.changed_records", { count: num(changed.length) })}</h3>}
      {changed.slice(0, all ? undefined : FIRST).map((each) => (
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
      {!all && changed.length > FIRST && (
        <button type="button" className="plain inline below" onClick={() => setAll(true)}>
          {t("datasets.show_all", { count: num(changed.length) })}
        </button>
      )}
      {dropped.length > 0 && <h3 className="between below">{t("datasets.dropped_records", { count: num(dropped.length) })}</h3>}
      {dropped.length > 0 && (
        <div className="grid" tabIndex={0} role="region" aria-label={t("datasets.dropped")}>
          <table>
            <thead>
              <tr>
                {steps && <th scope="col">{t("datasets.step")}</th>}
                <th scope="col">{t("datasets.rule")}</th>
                <th scope="col">{t("datasets.why")}</th>
                <th scope="col">{t("datasets.excerpt")}</th>
              </tr>
            </thead>
            <tbody>
              {dropped.map((each, index) => (
                <tr key={index}>
                  {steps && <td>{each.step}</td>}
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
    </>
  );
}
