/** Of a test of labels: what was taken for what, and how often the model is right when it is so sure. */
import type { EvalTask } from "@/api/types";
import { useWords } from "@/words";

interface Found {
  labels?: string[];
  confusion?: number[][];
  calibration?: { from: number; to: number; items: number; right: number; mean: number }[];
}

export function Classes({ task }: { task: EvalTask }) {
  const { t } = useWords();
  const { labels, confusion, calibration } = task.classes as Found;
  if (!labels || !confusion) return null;
  return (
    <div className="cols">
      <section className="card">
        <h2>{t("evaluation.confusion")}</h2>
        <p className="why">{t("evaluation.confusion_how")}</p>
        <Confusion labels={labels} rows={confusion} />
      </section>
      {calibration && calibration.length > 0 && (
        <section className="card">
          <h2>{t("evaluation.calibration")}</h2>
          <p className="why">{t("evaluation.calibration_how")}</p>
          <Calibration bins={calibration.filter((bin) => bin.items > 0)} />
        </section>
      )}
    </div>
  );
}

function Confusion({ labels, rows }: { labels: string[]; rows: number[][] }) {
  const { t, num } = useWords();
  const name = (label: string) => label || t("evaluation.other_labels");
  return (
    <div className="wide-table">
      <table className="confusion" aria-label={t("evaluation.confusion")}>
        <thead>
          <tr>
            <th scope="col">{t("evaluation.expected")}</th>
            {labels.map((label) => (
              <th scope="col" key={label}>
                <bdi>{name(label)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => {
            const all = row.reduce((sum, count) => sum + count, 0);
            return (
              <tr key={labels[at]}>
                <th scope="row">
                  <bdi>{name(labels[at]!)}</bdi>
                </th>
                {row.map((count, place) => (
                  <td key={labels[place]} className={place === at ? "right" : count ? "wrong" : ""} style={{ "--share": all ? count / all : 0 } as React.CSSProperties}>
                    {count ? num(count) : "·"}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Calibration({ bins }: { bins: NonNullable<Found["calibration"]> }) {
  const { t, num, score } = useWords();
  return (
    <ul className="bars thin" aria-label={t("evaluation.calibration")}>
      {bins.map((bin) => (
        <li key={bin.from} title={t("evaluation.bin", { items: num(bin.items), mean: score(bin.mean) })}>
          <span className="left">{`${num(bin.from * 100)}–${num(bin.to * 100)} %`}</span>
          <progress className="bar" value={bin.right} max={bin.items} aria-label={t("evaluation.bin", { items: num(bin.items), mean: score(bin.mean) })} />
          <span>{score(bin.right / bin.items)}</span>
        </li>
      ))}
    </ul>
  );
}
