/** What serves now: every slot with the share of each version, its instances, their rate and their slowest answers. */
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH } from "@/api/live";
import { useListed } from "@/api/pages";
import type { Slot } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { State } from "@/parts/State";
import { useWords } from "@/words";
import { ModelName } from "../models/ModelName";
import { ServingTable } from "../models/ServingTable";

export function Slots() {
  const { t } = useWords();
  const listed = useListed<Slot>(["slots"], async (page) => {
    const answer = await told(api.GET("/api/v1/deploy/slots", { params: { query: page } }));
    return { rows: answer.slots ?? [], next: answer.next_cursor ?? null };
  }, FRESH);
  return (
    <>
      <Head title={t("release.slots")} lead={t("release.slots_lead")} code={{ path: "/deploy/slots" }} />
      {listed.error && <Failure error={listed.error} again={listed.again} />}
      {listed.pending && <div className="bones" aria-busy="true" />}
      {!listed.pending && !listed.error && listed.rows.length === 0 && (
        <div className="card">
          <Empty title={t("release.no_slots")} text={t("release.no_slots_how")} action={<Link to="/orders">{t("release.orders")}</Link>} />
        </div>
      )}
      {listed.rows.map((slot) => (
        <SlotCard key={slot.id} slot={slot} />
      ))}
    </>
  );
}

function SlotCard({ slot }: { slot: Slot }) {
  const { t, num } = useWords();
  return (
    <section className="card">
      <h2>
        <span id={`slot-${slot.id}`}>
          <ModelName id={slot.model_id} /> {slot.environment} · {slot.room}
        </span>
        <span className="aside">
          {t("release.changed")} <Ago time={slot.update_time} />
        </span>
      </h2>
      {slot.weights.length ? <ServingTable slots={[slot]} /> : <p className="why">{t("release.slot_empty")}</p>}
      {slot.instances.length > 0 && (
        <div className="scrolled more" tabIndex={0} role="region" id={`instances-${slot.id}`} aria-label={t("release.instances")} aria-labelledby={`slot-${slot.id} instances-${slot.id}`}>
          <table>
            <thead>
              <tr>
                <th>{t("release.instance")}</th>
                <th>{t("release.state")}</th>
                <th>{t("release.digest")}</th>
                <th className="n">QPS</th>
                <th className="n">P99</th>
                <th className="n">{t("release.requests")}</th>
                <th className="n">{t("release.errors")}</th>
                <th>{t("release.order")}</th>
              </tr>
            </thead>
            <tbody>
              {slot.instances.map((each) => (
                <tr key={each.id}>
                  <td>
                    <Id id={each.id} />
                  </td>
                  <td>
                    <State kind="instance" value={each.state} />
                  </td>
                  <td>
                    <Id id={each.digest} />
                  </td>
                  <td className="n">{num(each.qps, 2)}</td>
                  <td className="n">{each.p99_ms < 0 ? "—" : `${num(each.p99_ms, 1)} ms`}</td>
                  <td className="n">{num(Number(each.requests))}</td>
                  <td className="n">{num(Number(each.errors))}</td>
                  <td>
                    <Link to={`/orders/${each.work_order_id}`}>{t("release.open")}</Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
