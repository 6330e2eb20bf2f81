/** The test of a base: what a question finds, with its words marked, each passage a link to where it stands. */
import { Button, Input } from "antd";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import type { Passage } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { usePassages } from "./api";
import { Marked } from "./Marked";

export const placeOf = (passage: Pick<Passage, "document_id" | "document_version_id" | "start" | "stop">) =>
  `/knowledge/documents/${passage.document_id}?version=${passage.document_version_id}&from=${passage.start}&to=${passage.stop}`;

export function Find({ base }: { base: string }) {
  const { t } = useWords();
  const [params, change] = useAddress();
  const asked = params.get("ask") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  const found = usePassages(base, asked);
  const ask = () => change({ ask: text.trim() }, STEP);
  return (
    <>
      <div className="tools">
        <Input value={text} maxLength={2000} onChange={(event) => setText(event.target.value)} onPressEnter={ask} placeholder={t("knowledge.question")} aria-label={t("knowledge.question")} allowClear />
        <Button type="primary" onClick={ask} loading={found.isFetching}>
          {t("knowledge.find")}
        </Button>
      </div>
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <Found passages={found.data} />}
    </>
  );
}

export function Found({ passages }: { passages: Passage[] | undefined }) {
  const { t } = useWords();
  if (!passages) return <p className="lead">{t("knowledge.ask_first")}</p>;
  if (!passages.length) return <Empty title={t("knowledge.nothing")} text={t("knowledge.nothing_how")} />;
  return (
    <ol className="passages" aria-label={t("knowledge.passages")}>
      {passages.map((passage) => (
        <One key={`${passage.document_version_id}-${passage.start}`} passage={passage} />
      ))}
    </ol>
  );
}

function One({ passage }: { passage: Passage }) {
  const { t, num } = useWords();
  return (
    <li>
      <p className="lead">
        <Link to={placeOf(passage)} title={t("knowledge.open")}>
          <bdi>{[passage.document, ...passage.headings].join(" › ")}</bdi>
        </Link>
        <span>
          <b>{num(Math.round(passage.share * 100))}%</b> {t("knowledge.share")}
        </span>
        <span>
          {t("knowledge.score")} <b>{num(Math.round(passage.score * 100) / 100)}</b>
        </span>
      </p>
      <blockquote dir="auto">
        <Marked text={passage.text} spans={passage.hits} />
      </blockquote>
    </li>
  );
}
