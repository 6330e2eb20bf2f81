/** Two evaluations of one test set, item by item: which differences are shown and which not, and what was answered differently. Which two is in
 * the address. */
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Segmented, Select } from "antd";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { Comparison, EvalDifference, EvalTask, MetricComparison } from "@/api/types";
import { STEP, useAddress } from "@/parts/address";
import { Diff } from "@/parts/Diff";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Pill } from "@/parts/State";
import { useWords, type Key } from "@/words";

const PATH = "/api/v1/eval/tasks/{first_task_id}/compare/{second_task_id}" as const;
const VERDICTS = ["", "BETTER", "WORSE", "NO_DIFFERENCE_SHOWN"] as const;
const PAGE = 20;

export function Compare() {
  const { t } = useWords();
  const [params, change] = useAddress();
  const [first, second] = [params.get("first") ?? "", params.get("second") ?? ""];
  const both = first !== "" && second !== "";
  return (
    <>
      <Head
        title={t("evaluation.compare")}
        lead={t("evaluation.compare_lead")}
        crumbs={[{ to: "/evaluation", name: t("evaluation.title") }]}
        {...(both && { code: { path: `/eval/tasks/${first}/compare/${second}` } })}
      />
      <Chosen first={first} second={second} choose={(one, other) => change({ first: one, second: other }, STEP)} />
      {both ? <Found key={`${first}-${second}`} first={first} second={second} /> : <Empty title={t("evaluation.compare_two")} text={t("evaluation.compare_two_how")} />}
    </>
  );
}

/** Which two: once one is chosen, only those of the same test set are offered beside it. */
function Chosen({ first, second, choose }: { first: string; second: string; choose: (first: string, second: string) => void }) {
  const { t } = useWords();
  const listed = useListed<EvalTask>(["evaluation", "comparable"], async (page) => {
    const answer = await told(api.GET("/api/v1/eval/tasks", { params: { query: { ...page, statuses: ["SUCCEEDED"] } } }));
    return { rows: answer.eval_tasks ?? [], next: answer.next_cursor ?? null };
  });
  const runs = listed.rows.filter((task) => task.rated_task_id === "0");
  const offered = (beside: string) => {
    const data = runs.find((task) => task.id === beside)?.dataset_version_id;
    return runs
      .filter((task) => task.id !== beside && (data === undefined || task.dataset_version_id === data))
      .map((task) => ({ value: task.id, label: `${task.name} · …${task.id.slice(-6)}` }));
  };
  const side = (key: Key, value: string, beside: string, put: (id: string) => void) => (
    <label className="pick">
      {t(key)}{" "}
      <Select value={value || null} options={offered(beside)} onChange={put} popupMatchSelectWidth={false} aria-label={t(key)} placeholder={t("evaluation.run")} showSearch={{ optionFilterProp: "label" }} className="filter" />
    </label>
  );
  return (
    <div className="tools">
      {side("evaluation.first", first, second, (id) => choose(id, second))}
      {side("evaluation.second", second, first, (id) => choose(first, id))}
      <Button onClick={() => choose(second, first)} disabled={!first || !second}>
        {t("evaluation.turn")}
      </Button>
    </div>
  );
}

function Found({ first, second }: { first: string; second: string }) {
  const { t } = useWords();
  const path = { first_task_id: first, second_task_id: second };
  const found = useQuery({
    queryKey: ["comparison", first, second],
    staleTime: Infinity, // what is stored never changes
    queryFn: async () => (await told(api.GET(PATH, { params: { path } }))).comparison,
  });
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <div className="bones" aria-busy="true" aria-label={t("parts.loading")} />;
  return (
    <div className="stack">
      <Scores found={found.data} />
      <Differences first={first} second={second} />
    </div>
  );
}

function Scores({ found }: { found: Comparison }) {
  const { t, num, score, metric, word } = useWords();
  const [pairs, leftOut] = [Number(found.pairs), Number(found.left_out)];
  if (!found.metrics.length) return <Empty title={t("evaluation.compare_none")} text={t("evaluation.compare_none_how")} />;
  return (
    <section className="card" aria-label={t("evaluation.compare")}>
      <div className="scrolled">
        <table className="sides">
          <thead>
            <tr>
              <th scope="col">{t("evaluation.score")}</th>
              {[found.first, found.second].map((task, index) => (
                <th scope="col" className="n" key={task.id}>
                  <Link to={`/evaluation/${task.id}`}>
                    {t(index ? "evaluation.second" : "evaluation.first")} <bdi>{task.name}</bdi>
                  </Link>
                </th>
              ))}
              <th scope="col" className="n">{t("evaluation.difference")}</th>
              <th scope="col">{t("evaluation.interval")}</th>
              <th scope="col" className="n">{t("evaluation.items")}</th>
              <th scope="col" className="n">{t("evaluation.p")}</th>
              <th scope="col">{t("evaluation.verdict")}</th>
            </tr>
          </thead>
          <tbody>
            {found.metrics.map((each) => (
              <tr key={each.metric}>
                <th scope="row">
                  {metric(each.metric)} {each.less_is_better && <small>{t("evaluation.less")}</small>}
                </th>
                <td className="n">{score(each.first)}</td>
                <td className="n">{score(each.second)}</td>
                <td className="n">{signed(score(each.difference), each.difference)}</td>
                <td>
                  <Interval of={each} />
                </td>
                <td className="n">{num(Number(each.pairs))}</td>
                <td className="n">
                  {num(each.p_corrected, 4)} <small>{word("test", each.test)}</small>
                </td>
                <td>
                  <Verdict value={each.verdict} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="why">{t("evaluation.compare_how", { pairs: num(pairs), left: num(leftOut), scores: num(found.metrics.length) })}</p>
    </section>
  );
}

const signed = (text: string, value: number) => (value > 0 ? `+${text}` : text);

function Verdict({ value }: { value: string }) {
  const { word } = useWords();
  if (value === "BETTER") return <Pill tone="ok" shape="check">{word("comparison", value)}</Pill>;
  if (value === "WORSE") return <Pill tone="bad" shape="cross">{word("comparison", value)}</Pill>;
  return <Pill tone="off" shape="ring">{word("comparison", value)}</Pill>;
}

/** The interval as words and as a line, with a mark where there is no difference. */
function Interval({ of }: { of: MetricComparison }) {
  const { t, score } = useWords();
  const [low, high] = [of.low as number | null | undefined, of.high as number | null | undefined];
  if (low == null || high == null) return <>{t("evaluation.no_interval")}</>;
  const reach = Math.max(Math.abs(low), Math.abs(high)) * 1.1;
  const at = (value: number) => 60 + (value / reach) * 56;
  return (
    <>
      <svg width="120" height="14" viewBox="0 0 120 14" aria-hidden="true" className="between-bounds">
        <path d="M60 1v12" stroke="currentColor" strokeDasharray="2 2" />
        <path d={`M${at(low)} 7H${at(high)}M${at(low)} 4v6M${at(high)} 4v6`} stroke="currentColor" strokeWidth="1.6" />
        <circle cx={at(of.difference)} cy="7" r="3" fill="currentColor" />
      </svg>{" "}
      <span className="tight">
        [{signed(score(low), low)}, {signed(score(high), high)}]
      </span>
    </>
  );
}

function Differences({ first, second }: { first: string; second: string }) {
  const { t, word } = useWords();
  const [params, change] = useAddress();
  const [verdict, contains] = [VERDICTS.find((each) => each === params.get("verdict")) ?? "", params.get("contains") ?? ""];
  const listed = useListed<EvalDifference>(["differences", first, second, verdict, contains], async (page) => {
    const query = { ...page, limit: PAGE, ...(verdict && { verdict }), ...(contains && { contains }) };
    const answer = await told(api.GET(`${PATH}/items`, { params: { path: { first_task_id: first, second_task_id: second }, query } }));
    return { rows: answer.differences ?? [], next: answer.next_cursor ?? null };
  }, false);
  return (
    <section className="card" aria-label={t("evaluation.differing")}>
      <h2>{t("evaluation.differing")}</h2>
      <div className="tools">
        <Segmented value={verdict} onChange={(value) => change({ verdict: value })} options={VERDICTS.map((value) => ({ value, label: value ? word("comparison", value) : t("evaluation.all") }))} />
        <Input.Search defaultValue={contains} onSearch={(value) => change({ contains: value })} placeholder={t("evaluation.contains")} aria-label={t("evaluation.contains")} allowClear className="filter" />
      </div>
      {listed.error && <Failure error={listed.error} again={listed.again} />}
      {listed.pending && <div className="bones" aria-busy="true" />}
      {!listed.pending && !listed.error && !listed.rows.length && <Empty title={t("evaluation.none_differ")} text={t("evaluation.none_differ_how")} />}
      {listed.rows.map((row) => (
        <article className="change" key={row.first.position}>
          <p>
            <small>{Number(row.first.position) + 1}</small> <bdi>{row.first.input}</bdi> <Verdict value={row.verdict} />
          </p>
          <p className="why">
            {t("evaluation.expected")} <bdi>{row.first.expected}</bdi>
          </p>
          <Diff before={row.first.error || row.first.output} after={row.second.error || row.second.output} />
        </article>
      ))}
      {listed.more && (
        <Button className="below" onClick={listed.loadMore} loading={listed.loading}>
          {t("evaluation.more_differ")}
        </Button>
      )}
    </section>
  );
}
