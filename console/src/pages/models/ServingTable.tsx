/** Each version that has traffic: its share, and what its instances saw in the last minute. */
import type { Slot } from "@/api/types";
import { Id } from "@/parts/Id";
import { useWords } from "@/words";

export function ServingTable({ slots }: { slots: Slot[] }) {
  const { t, num } = useWords();
  const rows = slots.flatMap((slot) => slot.weights.map((weight) => ({ slot, weight, live: slot.instances.filter((each) => each.digest === weight.digest && each.state === "READY") })));
  if (!rows.length) return <p className="why">{t("models.no_serving")}</p>;
  return (
    <div className="scrolled">
      <table>
        <thead>
          <tr>
            <th>{t("models.version")}</th>
            <th>{t("models.digest")}</th>
            <th>{t("models.place")}</th>
            <th className="n">{t("models.weight")}</th>
            <th className="n">QPS</th>
            <th className="n">P99</th>
            <th className="n">{t("models.requests")}</th>
            <th className="n">{t("models.errors_word")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ slot, weight, live }, index) => {
            const p99 = Math.max(-1, ...live.map((each) => each.p99_ms));
            return (
              <tr key={slot.id + weight.digest}>
                <td>
                  <span className={`swatch${index ? " second" : ""}`} />v{weight.model_version_number}
                </td>
                <td>
                  <Id id={weight.digest} />
                </td>
                <td>
                  {slot.environment} · {slot.room}
                </td>
                <td className="n">{weight.weight} %</td>
                <td className="n">{num(live.reduce((sum, each) => sum + each.qps, 0), 2)}</td>
                <td className="n">{p99 < 0 ? "—" : `${num(p99, 1)} ms`}</td>
                <td className="n">{num(live.reduce((sum, each) => sum + Number(each.requests), 0))}</td>
                <td className="n">{num(live.reduce((sum, each) => sum + Number(each.errors), 0))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
