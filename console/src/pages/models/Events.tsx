/** What happened, newest first; any moment can be asked for: what was true then. */
import type { ModelStatus, StateEvent } from "@/api/types";
import { stateName } from "@/api/numbers";
import { usePeople } from "@/api/people";
import { useAddress } from "@/parts/address";
import { Ago } from "@/parts/Ago";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { Then } from "./Then";
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
  const { t } = useWords();
  const history = useHistory(status);
  const people = usePeople();
  const [params, change] = useAddress();
  const at = /^\d{1,15}$/.test(params.get("at") ?? "") ? Number(params.get("at")) : null;
  if (history.error) return <Failure error={history.error} again={() => void history.refetch()} />;
  const events = (history.data ?? []).filter((event) => at === null || Number(event.create_time) <= at);
  return (
    <div className="cols">
      <section className="card">
        <h2>{t("models.events")}</h2>
        {history.isPending ? <div className="bones" /> : <EventList events={events} people={people} />}
      </section>
      <Then id={status.id} at={at} choose={(moment) => change({ at: moment === null ? "" : String(moment) })} />
    </div>
  );
}
