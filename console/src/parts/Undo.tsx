/** After a delete: what went, and the way back, for half a minute. One offer at a time; a page makes it and may be gone by then. */
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";
import { useWords } from "@/words";
import { Failure } from "./Failure";

const SECONDS = 30;

export interface Offer {
  /** What it was called. */
  name: string;
  undo: () => Promise<unknown>;
  /** Where it is shown once it is back. */
  to: string;
}

let offer: Offer | null = null;
const listeners = new Set<() => void>();

function say(next: Offer | null): void {
  offer = next;
  listeners.forEach((each) => each());
}

/** Call it when something was deleted that can come back. */
export const offerUndo = (next: Offer) => say(next);

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function UndoOffer() {
  const current = useSyncExternalStore(subscribe, () => offer);
  return current ? <Shown key={current.to} offer={current} /> : null;
}

function Shown({ offer: shown }: { offer: Offer }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (busy || error !== null) return;
    const wait = setTimeout(() => say(null), SECONDS * 1000);
    return () => clearTimeout(wait);
  }, [busy, error]);
  const undo = async () => {
    setBusy(true);
    setError(null);
    try {
      await shown.undo();
      await questions.invalidateQueries();
      say(null);
      void navigate(shown.to);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <aside className="undo" role="status">
      <span>{t("parts.was_deleted", { name: shown.name })}</span>
      <Button size="small" type="primary" onClick={() => void undo()} loading={busy}>
        {t("parts.undo")}
      </Button>
      <Button size="small" onClick={() => say(null)}>
        {t("parts.close")}
      </Button>
      {error !== null && <Failure error={error} />}
    </aside>
  );
}
