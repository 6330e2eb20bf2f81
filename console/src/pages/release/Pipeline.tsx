/** A work order as it is drawn: each step done, under way, waiting for a person, or where it stopped. */
import type { StateEvent, WorkOrder } from "@/api/types";
import { stateName } from "@/api/numbers";
import { Ago } from "@/parts/Ago";
import { Mark, type Shape } from "@/parts/State";
import { useWords } from "@/words";

const STAGES = ["PENDING", "CONVERTING", "VERIFYING", "PACKAGING", "EVALUATING", "AWAITING_APPROVAL", "PROVISIONING", "SMOKE_TESTING", "CANARY", "ONLINE"];
const STOPPED = ["FAILED", "CANCELLED", "REJECTED", "ROLLING_BACK", "ROLLED_BACK"];

/** The step it is at; of one that stopped, the last step it had reached. */
function reached(order: WorkOrder, events: StateEvent[]): number {
  const now = STAGES.indexOf(order.status);
  if (now >= 0) return now;
  return Math.max(0, ...events.map((event) => STAGES.indexOf(stateName("work_order", event.to_status).name)));
}

export function Pipeline({ order, events }: { order: WorkOrder; events: StateEvent[] }) {
  const { t, word } = useWords();
  const at = reached(order, events);
  const stopped = STOPPED.includes(order.status);
  const entered = (stage: string) => events.find((event) => stateName("work_order", event.to_status).name === stage && event.from_status !== event.to_status)?.create_time;
  return (
    <ol className="pipe" aria-label={t("release.pipeline")} tabIndex={0}>
      {STAGES.map((stage, index) => {
        const [look, shape] = lookOf(index, at, stopped, order.status);
        const time = stage === "PENDING" ? order.create_time : entered(stage);
        return (
          <li key={stage} className={look} aria-current={index === at ? "step" : undefined}>
            <span className="dot">
              <Mark shape={shape} />
            </span>
            {word("order", stage)}
            <br />
            {time && index <= at && <Ago time={time} clock />}
          </li>
        );
      })}
    </ol>
  );
}

function lookOf(index: number, at: number, stopped: boolean, status: string): [string, Shape] {
  if (stopped && index === at) return ["stop", status.startsWith("ROLL") ? "back" : "cross"];
  if (index < at || status === "ONLINE") return ["done", "check"];
  if (index > at) return ["", "ring"];
  return status === "AWAITING_APPROVAL" ? ["now hold", "sand"] : ["now", "play"];
}
