/** What happened, newest first; any moment can be asked for: what was true then. */
import { DatePicker } from "antd";
import { useState } from "react";
import type { ModelStatus, StateEvent } from "@/api/types";
import { stateName } from "@/api/numbers";
import { usePeople } from "@/api/people";
import { Ago } from "@/parts/Ago";
import { Failure } from "@/parts/Failure";
import { State } from "@/parts/State";
import { useWords } from "@/words";
import { useHistory } from "./api";

const MACHINE = /^\d{15,}$|@/; // a task's id or a worker's name: for the logs, not for reading

export function EventList({ events, people }: { events: StateEvent[]; people?: (id: string) => string }) {
  const { t, word } = useWords();
  if (!events.length) return <p className="why">{t("models.no_events")}</p>;
  return (
    <ul>
      {events.map((event) => {
        const { kind, name } = stateName(event.entity, event.to_status);
        return (
          <li className="line" key={event.id + event.entity}>
            <Ago time={event.create_time} clock /> {word("entity", event.entity)} <b>{word(kind, name)}</b>
            {event.event === "LOSE" && ` · ${t("models.worker_lost")}`}
            {event.reason && !MACHINE.test(event.reason) && (
              <>
                {" · "}
                <bdi>{event.reason}</bdi>
              </>
            )}
            {people && event.user_id !== "0" && <span className="why"> {people(event.user_id)}</span>}
          </li>
        );
      })}
    </ul>
  );
}

export function Events({ status }: { status: ModelStatus }) {
  const { t, at } = useWords();
  const history = useHistory(status);
  const people = usePeople();
  const [then, setThen] = useState<number | null>(null);
  if (history.error) return <Failure error={history.error} again={() => void history.refetch()} />;
  const events = (history.data ?? []).filter((event) => then === null || Number(event.create_time) <= then);
  const states = new Map<string, StateEvent>();
  for (const event of events) if (!states.has(event.entity)) states.set(event.entity, event);
  return (
    <div className="cols">
      <section className="card">
        <h2>{t("models.events")}</h2>
        {history.isPending ? <div className="bones" /> : <EventList events={events} people={people} />}
      </section>
      <section className="card">
        <h2>{t("models.true_when")}</h2>
        <DatePicker showTime onChange={(value) => setThen(value ? value.valueOf() : null)} aria-label={t("models.true_when")} className="wide" />
        <p className="why">{then === null ? t("models.true_now") : t("models.true_at", { time: at(then) })}</p>
        <dl className="facts">
          {[...states.values()].map((event) => (
            <StateThen key={event.entity} event={event} />
          ))}
        </dl>
      </section>
    </div>
  );
}

function StateThen({ event }: { event: StateEvent }) {
  const { word } = useWords();
  const { kind, name } = stateName(event.entity, event.to_status);
  return (
    <>
      <dt>{word("entity", event.entity)}</dt>
      <dd>
        <State kind={kind} value={name} />
      </dd>
    </>
  );
}
