/** What rules did to a sample: the ledger, what each dropped and changed, every drop with its reason, every change before and after. */
import type { CleaningSample } from "@/api/types";
import { useWords } from "@/words";
import { SampleRecords } from "./SampleRecords";

export function CleanSample({ sample, stale }: { sample: CleaningSample; stale: boolean }) {
  const { t, num, word } = useWords();
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
      <SampleRecords changed={sample.changed} dropped={sample.dropped} />
    </div>
  );
}
