/** What was true of the model at a moment, and what was live, by the records of that time. */
import { useQuery } from "@tanstack/react-query";
import { DatePicker } from "antd";
import dayjs from "dayjs";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import type { PastStatus } from "@/api/types";
import { Failure } from "@/parts/Failure";
import { Id } from "@/parts/Id";
import { State } from "@/parts/State";
import { useWords } from "@/words";

interface Props {
  id: string;
  /** Milliseconds since the epoch; null: none was chosen. */
  at: number | null;
  choose: (at: number | null) => void;
}

export function Then({ id, at, choose }: Props) {
  const { t, at: said } = useWords();
  const found = useQuery({
    queryKey: ["model", id, "then", at],
    enabled: at !== null,
    queryFn: async () =>
      (await told(api.GET("/api/v1/models/{id}/status", { params: { path: { id }, query: { as_of: String(at) } } }))) as unknown as PastStatus,
  });
  return (
    <section className="card">
      <h2>{t("models.true_when")}</h2>
      <DatePicker showTime value={at === null ? null : dayjs(at)} onChange={(value) => choose(value ? value.valueOf() : null)} aria-label={t("models.true_when")} className="wide" />
      <p className="why">{at === null ? t("models.true_choose") : t("models.true_at", { time: said(at) })}</p>
      {found.error && <Failure error={found.error} again={() => void found.refetch()} />}
      {at !== null && !found.data && !found.error && <div className="bones low" aria-busy="true" />}
      {found.data && <Was status={found.data} />}
    </section>
  );
}

function Was({ status }: { status: PastStatus }) {
  const { t, word } = useWords();
  const { model, deploy } = status;
  if (model.state === "ok" && !model.existed) return <p>{t("models.true_before")}</p>;
  return (
    <dl className="facts">
      {model.state === "ok" ? (
        <>
          <dt>{t("models.model")}</dt>
          <dd>
            <State kind="project" value={model.status} />
          </dd>
          <dt>{t("models.gate")}</dt>
          <dd>{t(model.gate_enabled ? "models.true_gate_on" : "models.true_gate_off")}</dd>
          {model.versions.map((version) => (
            <Fact key={version.id} name={`${word("entity", "model_version")} v${version.number}`}>
              <State kind="version" value={version.status} />
            </Fact>
          ))}
          {model.overrides.map((override) => (
            <Fact key={override.id} name={`${word("entity", "gate_override")} v${override.model_version_number}`}>
              <bdi>{override.cause}</bdi>
            </Fact>
          ))}
        </>
      ) : (
        <Fact name={t("models.model")}>{model.message}</Fact>
      )}
      {deploy.state === "ok" ? (
        <>
          {deploy.slots.map((slot) => (
            <Fact key={slot.slot_id} name={`${slot.environment} / ${slot.room}`}>
              {slot.weights.length === 0 && t("models.true_idle")}
              {slot.weights.map((each) => (
                <div key={each.digest}>
                  v{each.model_version_number} {each.weight} % <Id id={each.digest} />
                </div>
              ))}
            </Fact>
          ))}
          {deploy.orders.map((order) => (
            <Fact key={order.id} name={<Link to={`/orders/${order.id}`}>{word("entity", "work_order")}</Link>}>
              <State kind="order" value={order.status} />
            </Fact>
          ))}
        </>
      ) : (
        <Fact name={t("models.traffic")}>{deploy.message}</Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: React.ReactNode; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
