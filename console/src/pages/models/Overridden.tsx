/** What serves, or may be released, although the gate refuses it: said on the model page for as long as it is so. */
import type { ModelStatus } from "@/api/types";
import { Link } from "react-router";
import { useWords } from "@/words";

export function Overridden({ status }: { status: ModelStatus }) {
  const { t, at } = useWords();
  const releases = status.deploy.state === "ok" ? status.deploy.overridden : [];
  const live = status.model.state === "ok" ? status.model.overrides : [];
  return (
    <>
      {live.map((each) => (
        <p className="note wait" role="status" key={each.id}>
          <Link to="?tab=gate">{t("models.override_of", { number: each.model_version_number, until: at(Number(each.end_time)) })}</Link> <bdi>{each.cause}</bdi>
        </p>
      ))}
      {releases.map((each) => {
        const facts = { number: each.model_version_number, until: at(Number(each.end_time)) };
        return each.ended ? (
          <p className="failed" role="alert" key={each.work_order_id}>
            <b>{t("models.override_ended")}</b> {t("models.override_ended_how", facts)} <Link to={`/orders/${each.work_order_id}`}>{t("models.override_order")}</Link>
          </p>
        ) : (
          <p className="note wait" role="status" key={each.work_order_id}>
            {t("models.override_serves", facts)} <Link to={`/orders/${each.work_order_id}`}>{t("models.override_order")}</Link>
          </p>
        );
      })}
    </>
  );
}
