/** One item after the other: read, answer by key, submit; the next one is in hand before it is asked for. */
import { Button, Input } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { ApiError } from "@/api/client";
import type { Facts, Work } from "@/api/types";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { useWords } from "@/words";
import { bodyOf, claim, keep, release, skip, submit, undo, useArranged, useMyWork, type Service } from "./api";
import { Content } from "./Content";
import { Fields } from "./Fields";
import { Lease } from "./Lease";
import { beginning, chosen, labelOf, lacking, scaleOf, trimmed, type Body } from "./template";

const AHEAD = 2; // items in hand: the one that is answered, and the next
const KEEP_MS = 2000; // after the last change

export function Workbench({ of }: { of: Service }) {
  const { id = "" } = useParams();
  const { t } = useWords();
  const annotation = useArranged(of, id);
  const hand = useHand(of, id);
  const mine = useMyWork().data?.tasks.find((task) => task.service === of && task.task_id === id && task.role === "ANNOTATOR");
  const title = mine?.name ?? annotation.data?.template.name ?? t("work.task");
  const item = hand.work[0];
  const crumbs = [{ to: "/work", name: t("work.title") }];
  const failed = annotation.error ?? (item ? null : hand.error);
  if (failed)
    return (
      <>
        <Head title={title} crumbs={crumbs} />
        <Failure error={failed} again={() => void hand.more()} />
      </>
    );
  if (!annotation.data || (!item && hand.why === null))
    return (
      <>
        <Head title={title} crumbs={crumbs} />
        <div className="bones" aria-busy="true" aria-label={t("parts.loading")} />
      </>
    );
  if (!item)
    return (
      <>
        <Head title={title} crumbs={crumbs} />
        <Empty title={t("work.nothing")} text={t(WHY[hand.why ?? ""] ?? "work.why_none")} action={<Button onClick={() => void hand.more()}>{t("work.ask_again")}</Button>} />
        {hand.last && <Button onClick={() => void hand.takeBack()}>{t("work.undo")}</Button>}
      </>
    );
  return <Item key={item.id} of={of} title={title} item={item} body={bodyOf(annotation.data.template)} hand={hand} number={annotation.data.template.number} />;
}

const WHY: Record<string, "work.why_none" | "work.why_cap" | "work.why_ahead" | "work.why_barred" | "work.why_closed"> = {
  NONE_LEFT: "work.why_none",
  CAP: "work.why_cap",
  AHEAD: "work.why_ahead",
  BARRED: "work.why_barred",
  NOT_OPEN: "work.why_closed",
};

interface Hand {
  work: Work[];
  why: string | null;
  error: unknown;
  /** The last answer of this window, which can be taken back. */
  last: string;
  more: () => Promise<void>;
  /** An item is out of the hand; the next one is there at once. */
  done: (id: string, answered: boolean) => void;
  takeBack: () => Promise<void>;
}

/** The items a person holds here. */
function useHand(of: Service, id: string): Hand {
  const [work, setWork] = useState<Work[]>([]);
  const [why, setWhy] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [past, setPast] = useState<string[]>([]);
  const more = useCallback(async () => {
    setError(null);
    try {
      const found = await claim(of, id, false, AHEAD);
      setWork((before) => [...before.filter((each) => found.work.some((held) => held.id === each.id)), ...found.work.filter((held) => !before.some((each) => each.id === held.id))]);
      setWhy(found.why);
    } catch (caught) {
      setError(caught);
    }
  }, [of, id]);
  useEffect(() => void more(), [more]);
  const done = (gone: string, answered: boolean) => {
    setWork((before) => before.filter((each) => each.id !== gone));
    if (answered) setPast((before) => [...before, gone]);
    void more();
  };
  const takeBack = async () => {
    const last = past.at(-1);
    if (!last) return;
    try {
      const back = await undo(of, last);
      setPast((before) => before.slice(0, -1));
      setWork((before) => [back, ...before.filter((each) => each.id !== back.id)]);
    } catch (caught) {
      setError(caught);
    }
  };
  return { work, why, error, last: past.at(-1) ?? "", more, done, takeBack };
}

function Item({ of, title, item, body, hand, number }: { of: Service; title: string; item: Work; body: Body; hand: Hand; number: number }) {
  const { t } = useWords();
  const [answer, setAnswer] = useState<Facts>(() => beginning(body, item.content, item.answer));
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [wrong, setWrong] = useState("");
  const kept = useKept(of, item, answer);
  const send = async () => {
    const missing = lacking(body, answer);
    if (missing) return setWrong(missing.name);
    setBusy(true);
    setError(null);
    try {
      await submit(of, item.id, trimmed(body, answer), note.trim());
      hand.done(item.id, true);
    } catch (caught) {
      const field = caught instanceof ApiError ? (caught.problem.field ?? "") : "";
      setWrong(field.startsWith("answer.") ? field.slice("answer.".length) : "");
      setError(caught);
      setBusy(false);
      if (caught instanceof ApiError && caught.problem.reason === "LEASE_OVER") hand.done(item.id, false);
    }
  };
  const pass = async (reason: string) => {
    await skip(of, item.id, reason);
    hand.done(item.id, false);
  };
  const giveBack = async () => {
    try {
      await release(of, item.id);
      hand.done(item.id, false);
    } catch (caught) {
      setError(caught);
    }
  };
  useKeys({
    Enter: () => void send(),
    z: (event) => (event.ctrlKey || event.metaKey) && hand.last !== "" && void hand.takeBack(),
    other: (key) => {
      const found = labelOf(body, answer, key);
      if (found) setAnswer(chosen(answer, found.field, found.label.value));
      const step = found ? undefined : scaleOf(body, answer, key);
      if (step) setAnswer({ ...answer, [step.field.name]: step.value });
      return !!found || !!step;
    },
  });
  return (
    <>
      <Head
        title={title}
        crumbs={[{ to: "/work", name: t("work.title") }]}
        state={<span className="pill">{t("work.template", { number })}</span>}
        actions={
          <>
            <Confirm label={t("work.skip")} what={t("work.skip_what")} reason="required" run={pass} />
            <Button onClick={() => void giveBack()}>{t("work.release")}</Button>
            <Button onClick={() => void hand.takeBack()} disabled={!hand.last}>
              {t("work.undo")} <kbd>Ctrl Z</kbd>
            </Button>
            <Button type="primary" onClick={() => void send()} loading={busy}>
              {t("work.submit")} <kbd>Enter</kbd>
            </Button>
          </>
        }
      />
      {error !== null && <Failure error={error} />}
      <div className="bench">
        <section className="card" aria-label={t("work.item")}>
          {item.note && <p className="lead">{t("work.came_back", { note: item.note })}</p>}
          <Content content={item.content} />
        </section>
        <section className="card" aria-label={t("work.answer")}>
          <Fields body={body} answer={answer} change={(next) => (setAnswer(next), setWrong(""))} wrong={wrong} />
          {wrong && (
            <p role="alert" className="why">
              {t("work.needed", { field: body.fields.find((field) => field.name === wrong)?.title || wrong })}
            </p>
          )}
          {body.instructions && (
            <details open>
              <summary>{t("work.instructions")}</summary>
              <p className="said">{body.instructions}</p>
            </details>
          )}
          <div className="note-field">
            <label htmlFor="work-note">{t("work.note")}</label>
            <Input.TextArea id="work-note" rows={2} maxLength={1000} value={note} onChange={(event) => setNote(event.target.value)} />
          </div>
        </section>
      </div>
      <footer className="sub">
        <Lease until={Number(kept.until)} over={() => void hand.more()} />
        {kept.at > 0 && <span>{t("work.kept")}</span>}
        <Link to="/work">{t("work.leave")}</Link>
      </footer>
    </>
  );
}

/** Keeps the draft a moment after it changed: nothing is lost when the window closes, and the item stays. */
function useKept(of: Service, item: Work, answer: Facts) {
  const [until, setUntil] = useState(item.lease_until);
  const [at, setAt] = useState(0);
  const first = useRef(answer);
  useEffect(() => {
    if (answer === first.current) return undefined;
    const timer = setTimeout(() => {
      keep(of, item.id, answer).then(
        (held) => (setUntil(held.lease_until), setAt(Date.now())),
        () => undefined, // the submit says what is wrong
      );
    }, KEEP_MS);
    return () => clearTimeout(timer);
  }, [of, item.id, answer]);
  return { until, at };
}

interface Keys {
  Enter: () => void;
  z: (event: KeyboardEvent) => unknown;
  other: (key: string) => boolean;
}

/** Keys work everywhere but where somebody types; there Ctrl or ⌘ with Enter submits. */
function useKeys(keys: Keys) {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      const types = at.tagName === "TEXTAREA" || at.tagName === "INPUT" || at.isContentEditable;
      const held = event.ctrlKey || event.metaKey;
      if (document.querySelector(".ant-modal-wrap")?.checkVisibility()) return;
      if (event.key === "Enter" && (held || (!types && at.tagName !== "BUTTON" && at.tagName !== "A"))) {
        event.preventDefault();
        now.current.Enter();
      } else if (!types && event.key.toLowerCase() === "z" && held) {
        event.preventDefault();
        now.current.z(event);
      } else if (!types && !held && !event.altKey && now.current.other(event.key)) event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}
