/** Amounts as people read them, and a bar of how much of a limit is used. */
import { useWords } from "@/words";

type Text = string | null | undefined;

/** Of millionths. */
export const moneyOf = (micros: string): number => Number(micros) / 1_000_000;

interface Used {
  used: Text;
  cap: Text;
  /** How many of the smallest units are one of what is shown. */
  unit: number;
}

/** An absent limit is none. */
export function Share({ used, cap, unit }: Used) {
  const { t, num } = useWords();
  const [has, most] = [Number(used ?? 0), cap === null || cap === undefined ? null : Number(cap)];
  const shown = (value: number) => num(value / unit, 1);
  if (most === null) return <>{has ? t("resources.no_limit", { used: shown(has) }) : "—"}</>;
  return (
    <>
      {t("resources.of", { used: shown(has), cap: shown(most) })}
      <progress className="bar" value={Math.min(has, most)} max={Math.max(most, 1)} aria-label={t("resources.of", { used: shown(has), cap: shown(most) })} />
    </>
  );
}

export const CORE = 1000;
export const GB = 1024;
export const HOUR = 3600;
