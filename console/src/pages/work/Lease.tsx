/** How long an item stays in hand; when that is over it is asked what is in hand now. */
import { useEffect, useState } from "react";
import { useWords } from "@/words";

const SECOND = 1000;

export function Lease({ until, over }: { until: number; over: () => void }) {
  const { t, lasting } = useWords();
  const [left, setLeft] = useState(() => until - Date.now());
  useEffect(() => {
    const tick = () => setLeft(until - Date.now());
    tick();
    const timer = setInterval(tick, SECOND);
    const ended = setTimeout(over, Math.max(0, until - Date.now()) + SECOND);
    return () => (clearInterval(timer), clearTimeout(ended));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- over is another function at each drawing, and means the same
  }, [until]);
  return <span>{left > 0 ? t("work.lease", { left: lasting(left) }) : t("work.lease_over")}</span>;
}
