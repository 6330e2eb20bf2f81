/** How far a task is, in a table's cell. */
import { useWords } from "@/words";

export function Progress({ task }: { task: { progress_done: string; progress_total: string } }) {
  const { percent } = useWords();
  const [done, total] = [Number(task.progress_done), Number(task.progress_total)];
  return <>{total > 0 ? percent(done / total) : "—"}</>;
}
