/** A time as people say it; the exact one is in its tooltip. */
import { Tooltip } from "antd";
import { useEffect, useState } from "react";
import { useWords } from "@/words";

/** time: milliseconds since the epoch, as the contract writes it; 0 is "never". clock: as the clock shows it, for histories. */
export function Ago({ time, clock = false }: { time: string | number; clock?: boolean }) {
  const { ago, at, clock: clockOf } = useWords();
  const now = useNow();
  const value = Number(time);
  if (!value) return <span>—</span>;
  return (
    <Tooltip title={at(value)}>
      <time dateTime={new Date(value).toISOString()}>{clock ? clockOf(value) : ago(value, Math.abs(value - now) < 10_000 ? Math.max(now, value) : now)}</time>
    </Tooltip>
  );
}

/** The clock of the page: one beat for everything that says how old it is. */
let beat = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  beat = Date.now();
  listeners.forEach((listener) => listener());
}, 5_000);

export function useNow(): number {
  const [, again] = useState(0);
  useEffect(() => {
    const listener = () => again((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return Math.max(beat, Date.now() - 5_000);
}
