/** The first step of an import: a file is dropped or chosen, sent, paused, gone on with; or one that is there already is taken. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { api, told } from "@/api/client";
import { CALM } from "@/api/live";
import type { Upload } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { discarded, useSender } from "./upload";

const SAYS = {
  reading: "datasets.upload_reading",
  sending: "datasets.upload_sending",
  paused: "datasets.upload_paused",
  checking: "datasets.upload_checking",
  done: "datasets.upload_done",
  failed: "datasets.upload_failed",
} as const;
const ACCEPT = ".csv,.tsv,.tab,.jsonl,.ndjson,.json,.parquet,.pq,.txt,.md,.markdown,.html,.htm,.xhtml";

export function ImportFile({ chosen, choose }: { chosen: Upload | undefined; choose: (upload: Upload | null) => void }) {
  const { t, bytes } = useWords();
  const sender = useSender(choose);
  if (chosen)
    return (
      <div className="item">
        <bdi>
          <b>{chosen.name}</b>
        </bdi>
        <small>{bytes(Number(chosen.bytes))}</small>
        <span className="aside">
          <Button size="small" onClick={() => choose(null)}>
            {t("datasets.other_file")}
          </Button>
        </span>
      </div>
    );
  return sender.state.phase === "none" ? (
    <>
      <Drop take={sender.start} />
      <Earlier choose={choose} />
    </>
  ) : (
    <Going sender={sender} />
  );
}

function Drop({ take }: { take: (file: File) => void }) {
  const { t } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) take(file);
  };
  return (
    <div
      className={`drop${over ? " over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      <p>
        <b>{t("datasets.drop")}</b>
      </p>
      <p className="why">{t("datasets.drop_how")}</p>
      <input ref={input} type="file" accept={ACCEPT} hidden aria-label={t("datasets.choose_file")} onChange={(event) => event.target.files?.[0] && take(event.target.files[0])} />
      <Button type="primary" onClick={() => input.current?.click()}>
        {t("datasets.choose_file")}
      </Button>
    </div>
  );
}

function Going({ sender }: { sender: ReturnType<typeof useSender> }) {
  const { t, bytes, percent } = useWords();
  const { phase, name, done, total, rate, error } = sender.state;
  return (
    <div aria-live="polite">
      <div className="fig">
        {percent(total ? done / total : 0)}
        <small>
          <bdi>{name}</bdi> · {t("parts.done_of", { done: bytes(done), total: bytes(total) })}
        </small>
      </div>
      <progress className="bar" value={done} max={total || 1} aria-label={t("parts.progress")} />
      <p className="why">
        {phase !== "none" && t(SAYS[phase])}
        {phase === "sending" && rate > 0 && ` · ${t("datasets.per_second", { size: bytes(rate) })}`}
      </p>
      {error !== null && <Failure error={error} again={sender.goOn} />}
      <div className="acts below">
        {phase === "sending" && <Button onClick={sender.pause}>{t("datasets.pause")}</Button>}
        {phase === "paused" && (
          <Button type="primary" onClick={sender.goOn}>
            {t("datasets.go_on")}
          </Button>
        )}
        {phase !== "done" && <Button onClick={sender.discard}>{t("datasets.discard")}</Button>}
      </div>
    </div>
  );
}

/** What was sent before: to be taken, gone on with, or thrown away. */
function Earlier({ choose }: { choose: (upload: Upload) => void }) {
  const { t, percent } = useWords();
  const questions = useQueryClient();
  const found = useQuery({
    queryKey: ["uploads"],
    refetchInterval: CALM,
    queryFn: async () => (await told(api.GET("/api/v1/datasets/uploads", { params: { query: { limit: 20 } } }))).uploads ?? [],
  });
  const living = (found.data ?? []).filter((each) => each.status === "RECEIVING" || each.status === "COMPLETE");
  if (!living.length) return null;
  const discard = (id: string) => void discarded(id).finally(() => questions.invalidateQueries({ queryKey: ["uploads"] }));
  return (
    <section>
      <h3 className="between below">{t("datasets.earlier")}</h3>
      {living.map((each) => (
        <div className="item" key={each.id}>
          <bdi>{each.name}</bdi>
          <small>
            {each.status === "COMPLETE" ? <Ago time={each.update_time} /> : t("datasets.unfinished", { share: percent(Number(each.received) / Number(each.bytes)) })}
          </small>
          <span className="aside acts">
            {each.status === "COMPLETE" && (
              <Button size="small" onClick={() => choose(each)} aria-label={`${t("datasets.take")} ${each.name}`}>
                {t("datasets.take")}
              </Button>
            )}
            <Button size="small" onClick={() => discard(each.id)} aria-label={`${t("datasets.discard")} ${each.name}`}>
              {t("datasets.discard")}
            </Button>
          </span>
        </div>
      ))}
    </section>
  );
}
