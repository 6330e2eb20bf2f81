/** What a list of work is filtered by: states, whose, since when. All of it is in the address, so that a link shows the same. */
import { Segmented, Select } from "antd";
import { useSession } from "@/api/session";
import { useAddress } from "@/parts/address";
import { useWords, type Key, type Kind } from "@/words";

const SINCE = { "1d": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000 } as const;
type Since = keyof typeof SINCE;
const SPANS: [string, Key][] = [
  ["", "parts.any_time"],
  ["1d", "parts.last_day"],
  ["7d", "parts.last_week"],
  ["30d", "parts.last_month"],
];

export interface Chosen<State extends string> {
  /** Of the question: what is chosen. */
  key: string;
  query: () => { statuses?: State[]; user_id?: string; from_time?: string };
}

export function useChosen<State extends string>(): Chosen<State> {
  const [params] = useAddress();
  const { me } = useSession();
  const [states, whose, since] = [params.get("states") ?? "", params.get("whose") ?? "", params.get("since") ?? ""];
  return {
    key: `${states}/${whose}/${since}`,
    query: () => ({
      ...(states && { statuses: states.split(",") as State[] }),
      ...(whose === "mine" && me && { user_id: me.user.id }),
      ...(since in SINCE && { from_time: String(Date.now() - SINCE[since as Since]) }),
    }),
  };
}

export function Filters({ kind, states }: { kind: Kind; states: string[] }) {
  const { t, word } = useWords();
  const [params, change] = useAddress();
  const set = (name: string, value: string) => change({ [name]: value });
  return (
    <>
      <Select
        mode="multiple"
        className="filter"
        aria-label={t("parts.states")}
        placeholder={t("parts.all_states")}
        value={(params.get("states") ?? "").split(",").filter(Boolean)}
        onChange={(chosen: string[]) => set("states", chosen.join(","))}
        options={states.map((value) => ({ value, label: word(kind, value) }))}
        maxTagCount="responsive"
        showSearch={false}
        allowClear
      />
      <Segmented
        value={params.get("whose") ?? ""}
        onChange={(value) => set("whose", value)}
        options={[
          { value: "", label: t("parts.everybodys") },
          { value: "mine", label: t("parts.mine") },
        ]}
      />
      <Select
        aria-label={t("parts.made_when")}
        value={params.get("since") ?? ""}
        onChange={(value: string) => set("since", value)}
        options={SPANS.map(([value, label]) => ({ value, label: t(label) }))}
      />
    </>
  );
}

export const TASK_STATES = ["PENDING", "RUNNING", "PAUSED", "CANCELLING", "SUCCEEDED", "FAILED", "CANCELLED"];
