/** A question to the base, as who asks will see it: the answer sentence by sentence, each with where it stands, or why there is none. */
import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import type { KnowledgeAnswer } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { Found, placeOf } from "./Find";

const useAnswer = (base: string, question: string) =>
  useQuery({
    queryKey: ["knowledge-base", base, "answer", question],
    enabled: question !== "",
    queryFn: async () => (await told(api.GET("/api/v1/knowledge/bases/{base_id}/answer", { params: { path: { base_id: base }, query: { question } } }))).knowledge_answer,
  });

export function Ask({ base }: { base: string }) {
  const { t } = useWords();
  const [params, change] = useAddress();
  const asked = params.get("ask") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  const found = useAnswer(base, asked);
  const ask = () => change({ ask: text.trim() }, STEP);
  return (
    <>
      <div className="tools">
        <Input value={text} maxLength={2000} onChange={(event) => setText(event.target.value)} onPressEnter={ask} placeholder={t("knowledge.question")} aria-label={t("knowledge.question")} allowClear />
        <Button type="primary" onClick={ask} loading={found.isFetching}>
          {t("knowledge.ask")}
        </Button>
      </div>
      {found.error && <Failure error={found.error} again={() => void found.refetch()} />}
      {found.data ? <Answer answer={found.data} /> : !found.error && <p className="lead">{t("knowledge.answer_first")}</p>}
    </>
  );
}

function Answer({ answer }: { answer: KnowledgeAnswer }) {
  const { t, word } = useWords();
  return (
    <>
      <section className="card said" dir="auto" aria-label={t("knowledge.answer")}>
        {answer.outcome === "REFUSED" ? <Refused answer={answer} /> : answer.sentences.map((each, at) => <Sentence key={at} said={each} answer={answer} />)}
      </section>
      <p className="lead">
        <span>{word("answer_outcome", answer.outcome)}</span>
        {answer.model && <b>{answer.model}</b>}
      </p>
      {answer.citations.length > 0 && (
        <ol className="passages" aria-label={t("knowledge.sources")}>
          {answer.citations.map((cited) => (
            <li key={cited.number}>
              <Link to={placeOf(cited)} title={t("knowledge.open")}>
                <bdi>{[cited.document, ...cited.headings].join(" › ")}</bdi>
              </Link>{" "}
              v{cited.document_number}
              <blockquote dir="auto">{cited.text}</blockquote>
            </li>
          ))}
        </ol>
      )}
      {answer.outcome === "REFUSED" && answer.passages.length > 0 && (
        <>
          <h2>{t("knowledge.nearest")}</h2>
          <Found passages={answer.passages} />
        </>
      )}
    </>
  );
}

function Refused({ answer }: { answer: KnowledgeAnswer }) {
  const { t, word, num } = useWords();
  const percent = (share: number) => num(Math.round(share * 100));
  return (
    <>
      {word("refusal_cause", answer.cause)}
      {answer.cause === "BELOW_THRESHOLD" && ` ${t("knowledge.below", { share: percent(answer.share), threshold: percent(answer.threshold) })}`}
    </>
  );
}

function Sentence({ said, answer }: { said: KnowledgeAnswer["sentences"][number]; answer: KnowledgeAnswer }) {
  const { t } = useWords();
  const cited = answer.citations.filter((each) => said.citations.includes(each.number));
  return (
    <>
      {said.text}
      {cited.map((each) => (
        <sup key={each.number}>
          <Link to={placeOf(each)}>[{each.number}]</Link>
        </sup>
      ))}
      {!said.supported && <mark title={t("knowledge.unsupported_how")}>{t("knowledge.unsupported")}</mark>}{" "}
    </>
  );
}
