/** What every task has: progress, rate and time left, tries, why it is where it is, and what went wrong. */
import { Ago, useNow } from "./Ago";
import { Id } from "./Id";
import { useWords } from "@/words";

interface Task {
  id: string;
  status: string;
  reason: string;
  progress_done: string;
  progress_total: string;
  progress_message: string;
  attempt: number;
  max_attempts: number;
  failed_items: string;
  create_time: string;
  start_time: string;
  finish_time: string;
  error: Record<string, unknown>;
}

/** The failure as the engine wrote it: a sentence in both languages, or a plain one. */
export function messageOf(error: Record<string, unknown>, language: string): string {
  const message = error.message;
  if (typeof message === "string") return message;
  if (message && typeof message === "object") return String((message as Record<string, string>)[language] ?? "");
  return "";
}

export function TaskFacts({ task }: { task: Task }) {
  const { t, num, percent, lasting, word, language } = useWords();
  const now = useNow();
  const [done, total] = [Number(task.progress_done), Number(task.progress_total)];
  const running = task.finish_time === "0";
  const spent = task.start_time === "0" ? 0 : (running ? now : Number(task.finish_time)) - Number(task.start_time);
  const rate = spent > 0 ? (done * 1000) / spent : 0;
  const message = messageOf(task.error, language);
  return (
    <section className="card">
      <div className="fig">
        {total > 0 ? percent(done / total) : "—"}
        <small>
          {total > 0 && t("parts.done_of", { done: num(done), total: num(total) })} {running && task.progress_message}
        </small>
      </div>
      {running && total > 0 && <progress className="bar" value={done} max={total} aria-label={t("parts.progress")} />}
      {message && (
        <p className={running ? "note wait" : "failed"} role={running ? "status" : "alert"}>
          <b>{word("reason", task.reason)}</b> {message}
        </p>
      )}
      <dl className="facts pairs">
        {running && task.reason !== "NONE" && <Fact name={t("parts.why")} value={word("reason", task.reason)} />}
        {rate > 0 && <Fact name={t("parts.rate")} value={t("parts.per_second", { count: num(rate, rate < 10 ? 1 : 0) })} />}
        {task.status === "RUNNING" && rate > 0 && total > done && <Fact name={t("parts.left")} value={lasting(((total - done) / rate) * 1000)} />}
        {spent > 0 && <Fact name={t("parts.took")} value={lasting(spent)} />}
        <Fact name={t("parts.tries")} value={t("parts.done_of", { done: task.attempt, total: task.max_attempts })} />
        {Number(task.failed_items) > 0 && <Fact name={t("parts.failed_items")} value={num(Number(task.failed_items))} />}
        <Fact name={t("parts.created")} value={<Ago time={task.create_time} />} />
        <Fact name={t("parts.id")} value={<Id id={task.id} whole />} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
