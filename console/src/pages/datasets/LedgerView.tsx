/** in + added = out + what each rule dropped; every dropped record says why. */
import type { DatasetVersion, Dropped, Ledger } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Empty } from "@/parts/Empty";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { useDropped } from "./api";

const COLUMNS: Column<Dropped>[] = [
  { key: "rule", title: "datasets.rule", cell: (row) => row.rule, value: (row) => row.rule },
  { key: "why", title: "datasets.why", cell: (row) => <bdi>{row.reason}</bdi>, value: (row) => row.reason },
  { key: "excerpt", title: "datasets.excerpt", cell: (row) => <bdi>{row.excerpt.slice(0, 120) || "—"}</bdi>, value: (row) => row.excerpt },
  { key: "source", title: "datasets.source", cell: (row) => <bdi>{row.source || "—"}</bdi>, value: (row) => row.source },
  { key: "score", title: "datasets.score", cell: (row) => row.score, value: (row) => row.score, number: true, extra: true },
  { key: "threshold", title: "datasets.threshold", cell: (row) => row.threshold, value: (row) => row.threshold, number: true, extra: true },
  { key: "kept", title: "datasets.kept", cell: (row) => row.kept_id.slice(0, 12) || "—", value: (row) => row.kept_id, extra: true },
];

export function LedgerView({ version }: { version: DatasetVersion }) {
  const { t, num, percent, word } = useWords();
  const [params, change] = useAddress();
  const rule = params.get("rule") ?? "";
  const ledger = version.ledger as Ledger;
  const rules = Object.entries(ledger.dropped ?? {})
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
  const all = (ledger.in ?? 0) + (ledger.added ?? 0);
  const choose = (next: string) => change({ rule: next === rule ? "" : next, row: "" }, STEP);
  return (
    <div className="stack">
      <section className="card">
        <h2>{t("datasets.ledger")}</h2>
        <p className="fig">
          {num(ledger.in ?? 0)} <small>{t("datasets.came_in")}</small>
          {ledger.added ? (
            <>
              {" + "}
              {num(ledger.added)} <small>{t("datasets.were_added")}</small>
            </>
          ) : null}
          {" = "}
          {num(ledger.out ?? 0)} <small>{t("datasets.went_out")}</small>
          {" + "}
          {num(rules.reduce((sum, [, count]) => sum + count, 0))} <small>{t("datasets.were_dropped")}</small>
        </p>
        {!!ledger.out && Number(version.records) < ledger.out && <p className="why">{t("datasets.ledger_part", { count: num(Number(version.records)), out: num(ledger.out) })}</p>}
        {rules.length > 0 && (
          <ul className="bars" aria-label={t("datasets.by_rule")}>
            {rules.map(([name, count]) => (
              <li key={name}>
                <button type="button" className={`plain${rule === name ? " on" : ""}`} aria-pressed={rule === name} onClick={() => choose(name)}>
                  {name}
                </button>
                <progress className="bar" value={count} max={rules[0]![1]} aria-label={name} />
                <span>
                  {num(count)} · {percent(all ? count / all : 0, 1)}
                </span>
              </li>
            ))}
          </ul>
        )}
        {ledger.parts && (
          <p>
            {t("datasets.by_part")}: {Object.entries(ledger.parts).map(([part, records]) => `${word("part", part)} ${num(records)}`).join(" + ")}
          </p>
        )}
        {ledger.steps && (
          <ol className="account" aria-label={t("datasets.by_step")}>
            {ledger.steps.map((each, index) => (
              <li key={index}>
                <b>{each.kind}</b> {num(each.in ?? 0)}
                {each.added ? ` + ${num(each.added)}` : ""} → {num(each.out ?? 0)}
              </li>
            ))}
          </ol>
        )}
      </section>
      {version.task_id !== "0" && rules.length > 0 && <Left task={version.task_id} rule={rule} />}
    </div>
  );
}

function Left({ task, rule }: { task: string; rule: string }) {
  const { t } = useWords();
  const listed = useDropped(task, rule);
  return (
    <section>
      <h2 className="between">{rule ? t("datasets.dropped_by", { rule }) : t("datasets.dropped_all")}</h2>
      <Table name="dropped" title={t("datasets.dropped")} columns={COLUMNS} listed={listed} rowKey={(row) => `${row.step}${row.rule}${row.id}${row.reason}`} empty={<Empty title={t("datasets.none_dropped")} text={t("datasets.none_dropped_how")} />} />
    </section>
  );
}
