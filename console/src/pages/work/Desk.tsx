/** The inspector's desk: what was asked, what each answered, what they say together; accept, correct, reject or set aside. */
import { Button } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useParams } from "react-router";
import type { Facts, Work } from "@/api/types";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { useWords } from "@/words";
import { bodyOf, claim, decide, useArranged, type Service, type Verdict } from "./api";
import { Content } from "./Content";
import { Fields } from "./Fields";
import { Lease } from "./Lease";
import { lacking, nameOf, titleOf, trimmed, type Body } from "./template";

export function Desk({ of }: { of: Service }) {
  const { id = "" } = useParams();
  const { t } = useWords();
  const annotation = useArranged(of, id);
  const [item, setItem] = useState<Work | null | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  const next = useCallback(async () => {
    setError(null);
    try {
      setItem((await claim(of, id, true, 1)).work[0] ?? null);
    } catch (caught) {
      setError(caught);
    }
  }, [of, id]);
  useEffect(() => void next(), [next]);
  const title = annotation.data?.template.name ?? t("work.task");
  const crumbs = [{ to: "/work", name: t("work.title") }];
  const failed = annotation.error ?? error;
  if (failed || item === undefined || !annotation.data)
    return (
      <>
        <Head title={title} crumbs={crumbs} />
        {failed ? <Failure error={failed} again={() => void next()} /> : <div className="bones" aria-busy="true" aria-label={t("parts.loading")} />}
      </>
    );
  if (item === null)
    return (
      <>
        <Head title={title} crumbs={crumbs} />
        <Empty title={t("work.nothing_to_inspect")} text={t("work.nothing_to_inspect_how")} action={<Button onClick={() => void next()}>{t("work.ask_again")}</Button>} />
      </>
    );
  return <Judged key={item.id} of={of} title={title} item={item} body={bodyOf(annotation.data.template)} next={next} />;
}

function Judged({ of, title, item, body, next }: { of: Service; title: string; item: Work; body: Body; next: () => Promise<void> }) {
  const { t } = useWords();
  const [answer, setAnswer] = useState<Facts>(item.proposal);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const proposed = Object.keys(item.proposal).length > 0;
  const changed = JSON.stringify(trimmed(body, answer)) !== JSON.stringify(trimmed(body, item.proposal));
  const say = async (verdict: Verdict, more: { answer?: Facts; reason?: string } = {}) => {
    await decide(of, item.id, verdict, more);
    await next();
  };
  const settle = async () => {
    setBusy(true);
    setError(null);
    try {
      await (changed ? say("CORRECT", { answer: trimmed(body, answer) }) : say("ACCEPT"));
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <>
      <Head
        title={title}
        crumbs={[{ to: "/work", name: t("work.title") }]}
        state={<span className="pill">{t("work.inspecting")}</span>}
        actions={
          <>
            <Confirm label={t("work.set_aside")} what={t("work.set_aside_what")} reason="required" run={(reason) => say("SET_ASIDE", { reason })} />
            <Confirm label={t("work.reject")} what={t("work.reject_what")} reason="required" look={{ danger: true }} run={(reason) => say("REJECT", { reason })} />
            <Button type="primary" loading={busy} disabled={changed ? !!lacking(body, answer) : !proposed} onClick={() => void settle()}>
              {t(changed ? "work.correct" : "work.accept")}
            </Button>
          </>
        }
      />
      {error !== null && <Failure error={error} />}
      <div className="bench">
        <section className="card" aria-label={t("work.item")}>
          <Content content={item.content} />
          <h2 className="more">{t("work.said")}</h2>
          <ul className="answers">
            {item.said.map((each, place) => (
              <li key={place}>
                <b>{t("work.person", { place: place + 1 })}</b> {each.skipped ? t("work.skipped_why", { reason: each.skipped }) : <Said body={body} answer={each.answer} />}
                {each.note && <p className="why">{each.note}</p>}
              </li>
            ))}
          </ul>
        </section>
        <section className="card" aria-label={t("work.answer")}>
          <p className="lead">{t(proposed ? "work.proposal_how" : "work.no_proposal")}</p>
          <Fields body={body} answer={answer} change={setAnswer} />
        </section>
      </div>
      <footer className="sub">
        <Lease until={Number(item.lease_until)} over={() => void next()} />
      </footer>
    </>
  );
}

/** An answer in words. */
function Said({ body, answer }: { body: Body; answer: Facts }) {
  return (
    <>
      {body.fields.flatMap((field) => {
        const value = answer[field.name];
        if (value === undefined) return [];
        const values = (Array.isArray(value) ? value : [value]).map((each) => {
          const label = field.labels?.find((one) => one.value === each);
          return label ? nameOf(label) : String(each);
        });
        return [
          <span key={field.name} className="pair-said">
            {body.fields.length > 1 && `${titleOf(field)}: `}
            <bdi>{values.join(", ")}</bdi>
          </span>,
        ];
      })}
    </>
  );
}
