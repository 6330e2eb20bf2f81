/** What people say of a run: how they get on, how far they agree, what each said on the whole, and how often each label was named. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import type { EvalTask, Rater } from "@/api/types";
import { People } from "@/pages/work/People";
import { usePeople } from "@/api/people";
import { useWords } from "@/words";

export function Rated({ task }: { task: EvalTask }) {
  const { t } = useWords();
  return (
    <>
      <p className="lead">
        {t("evaluation.rates")} <Link to={`/evaluation/${task.rated_task_id}`}>{task.rated_task_id}</Link>
        {task.against_task_id !== "0" && (
          <>
            {" "}
            {t("evaluation.compared_with")} <Link to={`/evaluation/${task.against_task_id}`}>{task.against_task_id}</Link>
          </>
        )}
      </p>
      <Labels task={task} />
      <People of="eval" task={task} />
      <Raters id={task.id} open={task.finish_time === "0"} />
    </>
  );
}

function Labels({ task }: { task: EvalTask }) {
  const { t, num } = useWords();
  const labels = Object.entries((task.result.labels ?? {}) as Record<string, Record<string, number>>);
  if (!labels.length) return null;
  return (
    <section className="card">
      <h2>{t("evaluation.labels")}</h2>
      {labels.map(([field, counts]) => (
        <dl key={field} className="facts pairs" aria-label={field}>
          {Object.entries(counts).map(([label, count]) => (
            <div key={label}>
              <dt>
                <bdi>{label}</bdi>
              </dt>
              <dd>{num(count)}</dd>
            </div>
          ))}
        </dl>
      ))}
    </section>
  );
}

function Raters({ id, open }: { id: string; open: boolean }) {
  const { t, num, score } = useWords();
  const account = usePeople();
  const found = useQuery({
    queryKey: ["raters", id, open],
    queryFn: async () => (await told(api.GET("/api/v1/eval/tasks/{task_id}/raters", { params: { path: { task_id: id } } }))).raters as Rater[],
  });
  if (!found.data?.length) return null;
  return (
    <section className="card">
      <h2>{t("evaluation.raters")}</h2>
      <div className="scrolled" tabIndex={0}>
        <table aria-label={t("evaluation.raters")}>
          <thead>
            <tr>
              <th scope="col">{t("evaluation.rater")}</th>
              <th scope="col" className="n">{t("evaluation.items")}</th>
              <th scope="col" className="n">{t("evaluation.mean")}</th>
            </tr>
          </thead>
          <tbody>
            {found.data.map((each) => (
              <tr key={each.person_id}>
                <th scope="row">{account(each.person_id)}</th>
                <td className="n">{num(Number(each.items))}</td>
                <td className="n">{each.score === undefined || each.score === null ? "—" : score(each.score)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
