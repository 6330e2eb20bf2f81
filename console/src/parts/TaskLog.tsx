/** What the engine of a task printed: the end of it, live while the task runs, with a search, and to be taken along. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Switch } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, told } from "@/api/client";
import { whileOpen } from "@/api/live";
import { useWords } from "@/words";
import { saveAs } from "./export";
import { Failure } from "./Failure";

const PATHS = { train: "/api/v1/train/tasks/{task_id}/log", eval: "/api/v1/eval/tasks/{task_id}/log", datasets: "/api/v1/datasets/tasks/{task_id}/log" } as const;
const KEPT = 1 << 16; // characters, as the platform keeps them

export type Of = keyof typeof PATHS;

interface Log {
  text: string;
  ends: string;
  more: boolean;
}

/** What is known already stays; only what is new is read. */
function useLog(of: Of, id: string) {
  const questions = useQueryClient();
  return useQuery({
    queryKey: ["task-log", id],
    refetchInterval: whileOpen((log: Log) => log.more),
    placeholderData: keepPreviousData,
    queryFn: async (): Promise<Log> => {
      const known = questions.getQueryData<Log>(["task-log", id]);
      const params = { path: { task_id: id }, query: known ? { after: known.ends } : {} };
      const { log } = await told(api.GET(PATHS[of], { params }));
      const joined = known?.ends === log.begins ? known.text + log.text : log.text;
      return { text: joined.slice(-KEPT), ends: log.ends, more: log.more };
    },
  });
}

export function TaskLog({ of, id }: { of: Of; id: string }) {
  const { t } = useWords();
  const found = useLog(of, id);
  const [sought, seek] = useState("");
  const [follow, setFollow] = useState(true);
  const text = found.data?.text ?? "";
  const shown = useMemo(() => matching(text, sought), [text, sought]);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, shown]);
  if (found.error && !found.data) return <Failure error={found.error} again={() => void found.refetch()} />;
  return (
    <section className="card">
      <h2>
        {t("parts.log")}
        {text && (
          <span className="aside">
            <Input.Search size="small" allowClear placeholder={t("parts.log_search")} aria-label={t("parts.log_search")} onChange={(event) => seek(event.target.value)} />
            <label>
              <Switch size="small" checked={follow} onChange={setFollow} aria-label={t("parts.log_follow")} /> {t("parts.log_follow")}
            </label>
            <Button size="small" onClick={() => saveAs(`${of}-${id}.log`, text, "text/plain")}>
              {t("parts.log_save")}
            </Button>
          </span>
        )}
      </h2>
      {shown ? (
        <pre className="log" ref={box} tabIndex={0} role="region" aria-label={t("parts.log")}>
          {shown}
        </pre>
      ) : (
        <p className="why">{t(text ? "parts.log_no_match" : "parts.log_none")}</p>
      )}
    </section>
  );
}

/** The lines that hold what is sought, upper and lower case alike. */
function matching(text: string, sought: string): string {
  if (!sought) return text;
  const wanted = sought.toLowerCase();
  return text
    .split("\n")
    .filter((line) => line.toLowerCase().includes(wanted))
    .join("\n");
}
