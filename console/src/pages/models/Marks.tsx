/** What a version is besides its state: whether it serves and with how much of the traffic, and the names that mean it. */
import type { ModelAlias, ModelStatus } from "@/api/types";
import { Pill } from "@/parts/State";
import { useWords } from "@/words";

export interface VersionMarks {
  /** Per slot that sends it traffic: where, and how much of it. */
  live: { slot: string; place: string; share: number }[];
  names: string[];
}

/** Of a version by its number. An alias of no version means whatever serves. */
export function marksOf(number: number, status: ModelStatus, aliases: ModelAlias[]): VersionMarks {
  const slots = status.deploy.state === "ok" ? status.deploy.slots : [];
  const live = slots.flatMap((slot) => {
    const share = slot.weights.filter((each) => each.model_version_number === number).reduce((sum, each) => sum + each.weight, 0);
    return share > 0 ? [{ slot: slot.id, place: `${slot.environment} · ${slot.room}`, share }] : [];
  });
  const means = (alias: ModelAlias) => !alias.former && (alias.model_version_number || (live.length ? number : 0)) === number;
  return { live, names: aliases.filter(means).map((each) => each.name) };
}

export function Marks({ marks }: { marks: VersionMarks }) {
  const { t } = useWords();
  if (!marks.live.length && !marks.names.length) return <>—</>;
  return (
    <span className="marks">
      {marks.live.map((each) => (
        <span key={each.slot} title={each.place}>
          <Pill tone="ok" shape="dot">
            {t("models.live_share", { share: each.share })}
          </Pill>
        </span>
      ))}
      {marks.names.map((name) => (
        <bdi key={name} className="tag">
          {name}
        </bdi>
      ))}
    </span>
  );
}
