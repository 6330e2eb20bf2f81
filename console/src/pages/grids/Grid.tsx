/** One grid: scores with their intervals and how many items answered, and how all cells stand against a chosen one. */
import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Link, useParams } from "react-router";
import { api, told } from "@/api/client";
import { whileOpen } from "@/api/live";
import type { CellComparison, EvalGrid, EvalTask, GridCells } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Pill, State } from "@/parts/State";
import { useWords } from "@/words";
import { useColumnName } from "./names";

const COMPARED = ["exact_match", "token_f1", "perplexity"];

export function Grid() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["grid", id],
    refetchInterval: whileOpen((cells: GridCells) => cells.eval_tasks.some((task) => task.finish_time === "0")),
    queryFn: async () => (await told(api.GET("/api/v1/eval/grids/{id}", { params: { path: { id } } }))) as GridCells,
  });
  const crumbs = [{ to: "/grids", name: t("grids.title") }];
  if (!found.data)
    return (
      <>
        <Head title={t("grids.grid")} crumbs={crumbs} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  const { grid } = found.data;
  const [targets, prompts] = [grid.targets.map((each) => each.model_version_id), grid.prompts.filter((each) => each.name).map((each) => each.prompt_version_id)];
  const more = `/grids/new?of=${id}&data=${grid.dataset_version_id}&targets=${targets.join(",")}&prompts=${prompts.join(",")}${prompts.length < grid.prompts.length ? "&plain=yes" : ""}`;
  return (
    <>
      <Head
        title={grid.name}
        crumbs={crumbs}
        code={{ path: `/eval/grids/${id}` }}
        actions={
          <Link to={more}>
            <Button>{t("grids.again")}</Button>
          </Link>
        }
        lead={
          <span>
            <Link to={`/datasets/versions/${grid.dataset_version_id}`}>{t("grids.data")}</Link> {grid.desc}
          </span>
        }
      />
      <Matrix cells={found.data} />
    </>
  );
}

function Matrix({ cells: { grid, eval_tasks: tasks } }: { cells: GridCells }) {
  const { t, metric, num } = useWords();
  const [params, put] = useAddress();
  const names = [...new Set(tasks.flatMap((task) => Object.keys(task.metrics)))].filter((name) => !name.includes("."));
  const shown = params.get("metric") ?? (names.includes("exact_match") || !names.length ? "exact_match" : names[0]!);
  const first = params.get("first") ?? "";
  const compared = useCompared(grid, tasks, first, shown);
  const of = (row: number, column: number) => tasks.find((task) => task.id === grid.eval_task_ids[row * grid.targets.length + column]);
  return (
    <section className="card" aria-label={t("grids.grid")}>
      <div className="tools">
        <label className="pick">
          {t("grids.score")}{" "}
          <Select aria-label={t("grids.score")} value={shown} onChange={(next) => put({ metric: next })} options={(names.length ? names : [shown]).map((name) => ({ value: name, label: metric(name) }))} popupMatchSelectWidth={false} className="filter" />
        </label>
      </div>
      <div className="scrolled">
        <table className="sides">
          <thead>
            <tr>
              <td />
              {grid.targets.map((target, column) => (
                <th scope="col" key={column}>
                  <Column target={target} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {grid.prompts.map((prompt, row) => (
              <tr key={prompt.prompt_version_id}>
                <th scope="row">{prompt.name ? <Link to={`/prompts/${prompt.prompt_id}`}><bdi>{prompt.name}</bdi> v{prompt.number}</Link> : t("grids.plain_row")}</th>
                {grid.targets.map((_, column) => (
                  <td key={column}>
                    <Cell task={of(row, column)} metric={shown} first={first} found={compared.data} choose={(id) => put({ first: id })} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {compared.error && <Failure error={compared.error} again={() => void compared.refetch()} />}
      <p className="why">{first ? t("grids.how", { count: num(compared.data?.length ?? 0) }) : t("grids.choose")}</p>
    </section>
  );
}

function useCompared(grid: EvalGrid, tasks: EvalTask[], first: string, metric: string) {
  const ended = tasks.filter((task) => task.status === "SUCCEEDED").length;
  return useQuery({
    queryKey: ["grid-compared", grid.id, first, metric, ended],
    enabled: !!first && COMPARED.includes(metric),
    staleTime: Infinity, // what is stored never changes
    queryFn: async () =>
      (await told(api.GET("/api/v1/eval/grids/{id}/compare/{first_task_id}", { params: { path: { id: grid.id, first_task_id: first }, query: { metric } } }))).cells as CellComparison[],
  });
}

function Column({ target }: { target: EvalGrid["targets"][number] }) {
  const name = useColumnName(target.model_version_id ?? "");
  return (
    <>
      <bdi>{name}</bdi> {target.target_address && <small>{target.target_address}</small>}
    </>
  );
}

interface CellProps {
  task: EvalTask | undefined;
  metric: string;
  first: string;
  found: CellComparison[] | undefined;
  choose: (id: string) => void;
}

function Cell({ task, metric, first, found, choose }: CellProps) {
  const { t, score, num } = useWords();
  if (!task) return <>—</>;
  if (task.status !== "SUCCEEDED")
    return (
      <Link to={`/evaluation/${task.id}`}>
        <State kind="task" value={task.status} />
      </Link>
    );
  const [value, low, high] = ["", ".low", ".high"].map((end) => task.metrics[`${metric}${end}`]);
  const held = found?.find((each) => each.eval_task_id === task.id)?.metrics[0];
  return (
    <>
      <Link to={`/evaluation/${task.id}`}>
        <b>{value === undefined ? t("grids.no_score") : score(value)}</b>
      </Link>{" "}
      <small>
        {low !== undefined && high !== undefined && `[${score(low)}, ${score(high)}]`} {t("grids.items", { count: num(Number(task.items) - Number(task.failed_items)) })}
      </small>
      <div>
        {task.id === first ? <Pill tone="off" shape="ring">{t("grids.against")}</Pill> : held ? <Held of={held} first={first} second={task.id} /> : null}{" "}
        {task.id !== first && (
          <Button size="small" onClick={() => choose(task.id)}>
            {t("grids.pick")}
          </Button>
        )}
      </div>
    </>
  );
}

function Held({ of, first, second }: { of: CellComparison["metrics"][number]; first: string; second: string }) {
  const { word, score, num } = useWords();
  const [tone, shape] = of.verdict === "BETTER" ? (["ok", "check"] as const) : of.verdict === "WORSE" ? (["bad", "cross"] as const) : (["off", "ring"] as const);
  return (
    <Link to={`/evaluation/compare?first=${first}&second=${second}`}>
      <Pill tone={tone} shape={shape}>{word("comparison", of.verdict)}</Pill>{" "}
      <small>
        {of.difference > 0 ? "+" : ""}
        {score(of.difference)} · p {num(of.p_corrected, 4)}
      </small>
    </Link>
  );
}
