/** One work order: its pipeline, the evidence of each step, and the decisions people take on it. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { api, told } from "@/api/client";
import { whileOpen } from "@/api/live";
import { usePeople } from "@/api/people";
import { useRoles, useSession } from "@/api/session";
import type { Facts, WorkOrder } from "@/api/types";
import { Ago, useNow } from "@/parts/Ago";
import { Confirm } from "@/parts/Confirm";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { State } from "@/parts/State";
import { messageOf } from "@/parts/TaskFacts";
import { useWords } from "@/words";
import { readEvents } from "../models/api";
import { EventList } from "../models/Events";
import { ModelName } from "../models/ModelName";
import { Evidence } from "./Evidence";
import { Pipeline } from "./Pipeline";

const ENDED = ["FAILED", "CANCELLED", "REJECTED", "ROLLED_BACK"];

export function Order() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["order", id],
    refetchInterval: whileOpen((order) => !ENDED.includes(order.status)),
    queryFn: async () => (await told(api.GET("/api/v1/deploy/work-orders/{id}", { params: { path: { id } } }))).work_order,
  });
  if (!found.data)
    return (
      <>
        <Head title={t("release.order")} crumbs={[{ to: "/orders", name: t("release.orders") }]} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  return <Page order={found.data} again={() => void found.refetch()} />;
}

function Page({ order, again }: { order: WorkOrder; again: () => void }) {
  const { t, language } = useWords();
  const people = usePeople();
  const events = useQuery({
    queryKey: ["events", "work_order", order.id, order.version],
    placeholderData: (before) => before,
    queryFn: () => readEvents("work_order", order.id),
  });
  const message = messageOf(order.error, language);
  return (
    <>
      <Head
        title={order.name}
        crumbs={[{ to: "/orders", name: t("release.orders") }]}
        state={<State kind="order" value={order.status} />}
        code={{ path: `/deploy/work-orders/${order.id}` }}
        actions={<Decisions order={order} again={again} />}
        lead={
          <>
            <span>
              {t("release.model")}{" "}
              <b>
                <ModelName id={order.model_id} />
              </b>
            </span>
            <span>
              {t("release.asked")} <b>{people(order.user_id)}</b>
            </span>
            {order.approver_id !== "0" && (
              <span>
                {t("release.approver")} <b>{people(order.approver_id)}</b>
              </span>
            )}
            {order.digest && (
              <span>
                {t("release.digest")} <Id id={order.digest} />
              </span>
            )}
            <span>
              {t("release.created")}{" "}
              <b>
                <Ago time={order.create_time} />
              </b>
            </span>
          </>
        }
      />
      <section className="card">
        <Pipeline order={order} events={events.data ?? []} />
        {order.status_reason && (
          <p className="why">
            <bdi>{order.status_reason}</bdi>
          </p>
        )}
      </section>
      {message && (
        <p className="failed" role="alert">
          <b>{t("release.stopped")}</b> {message}
        </p>
      )}
      <Overridden order={order} />
      <Waits order={order} />
      <div className="cols below">
        <Evidence order={order} />
        <section className="card">
          <h2>{t("release.events")}</h2>
          {events.error ? <Failure error={events.error} /> : <EventList events={[...(events.data ?? [])].reverse()} people={people} />}
          <h2 className="between more">{t("release.config")}</h2>
          <Config config={order.config} />
        </section>
      </div>
    </>
  );
}

/** That it goes on in spite of the gate, by whose word and until when. */
function Overridden({ order }: { order: WorkOrder }) {
  const { t, at } = useWords();
  const people = usePeople();
  const now = useNow();
  const override = (order.evidence as { gate?: { override?: { user_id: string; confirmer_id: string; cause: string } } }).gate?.override;
  if (order.override_id === "0" || !override) return null;
  const facts = { asker: people(override.user_id), second: people(override.confirmer_id), until: at(Number(order.override_end_time)) };
  const ended = Number(order.override_end_time) <= now && ["CANARY", "ONLINE"].includes(order.status);
  return (
    <p className={ended ? "failed" : "note wait"} role={ended ? "alert" : "status"}>
      {ended ? t("release.override_ended", facts) : t("release.override", facts)} <bdi>{override.cause}</bdi>
    </p>
  );
}

/** Who has to do what for it to go on. */
function Waits({ order }: { order: WorkOrder }) {
  const { t } = useWords();
  const { me } = useSession();
  if (order.status !== "AWAITING_APPROVAL") return null;
  return <p className="note wait">{t(order.user_id === me?.user.id ? "release.waits_other" : "release.waits_you")}</p>;
}

function Config({ config }: { config: Facts }) {
  const { num } = useWords();
  return (
    <dl className="facts">
      {Object.entries(config).map(([name, value]) => (
        <div className="contents" key={name}>
          <dt>{name}</dt>
          <dd>{name.endsWith("_id") ? <Id id={String(value)} /> : typeof value === "number" ? num(value, 6) : Array.isArray(value) ? value.join(", ") || "—" : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Decisions({ order, again }: { order: WorkOrder; again: () => void }) {
  const { t } = useWords();
  const { me } = useSession();
  const roles = useRoles();
  const decides = roles.includes("owner") || roles.includes("operator");
  const params = { path: { id: order.id } };
  const done = async (sent: Promise<unknown>) => {
    await sent;
    again();
  };
  const waits = order.status === "AWAITING_APPROVAL";
  const moving = !ENDED.includes(order.status) && !["CANARY", "ONLINE", "ROLLING_BACK"].includes(order.status);
  return (
    <>
      {decides && waits && order.user_id !== me?.user.id && (
        <Confirm
          label={t("release.approve")}
          what={t("release.approve_what")}
          reason="optional"
          look={{ type: "primary" }}
          run={(comment) => done(told(api.POST("/api/v1/deploy/work-orders/{id}/approve", { params, body: { expected_version: order.version, ...(comment && { comment }) } })))}
        />
      )}
      {decides && waits && (
        <Confirm
          label={t("release.reject")}
          what={t("release.reject_what")}
          reason="required"
          look={{ danger: true }}
          run={(comment) => done(told(api.POST("/api/v1/deploy/work-orders/{id}/reject", { params, body: { expected_version: order.version, comment } })))}
        />
      )}
      {moving && (
        <Confirm
          label={t("release.cancel")}
          what={t("release.cancel_what")}
          reason="optional"
          run={(cause) => done(told(api.POST("/api/v1/deploy/work-orders/{id}/cancel", { params, body: cause ? { cause } : {} })))}
        />
      )}
      {decides && ["ONLINE", "CANARY"].includes(order.status) && (
        <Confirm
          label={t("release.roll_back")}
          what={t("release.roll_back_what")}
          reason="optional"
          look={{ danger: true }}
          run={(cause) => done(told(api.POST("/api/v1/deploy/work-orders/{id}/rollback", { params, body: cause ? { cause } : {} })))}
        />
      )}
    </>
  );
}
