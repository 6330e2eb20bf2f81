/** The models of the list, in one column for each state that a model goes through. */
import { Button } from "antd";
import { Link } from "react-router";
import type { Listed } from "@/api/pages";
import type { Project } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Failure } from "@/parts/Failure";
import { State } from "@/parts/State";
import { useWords } from "@/words";

const STATES = ["CREATED", "TRAINING", "TRAINED", "EVALUATING", "REJECTED", "QUALIFIED", "ONLINE"] as const;

export function Board({ listed, tools }: { listed: Listed<Project>; tools: React.ReactNode }) {
  const { t, word } = useWords();
  if (listed.error && !listed.rows.length) return <Failure error={listed.error} again={listed.again} />;
  if (listed.pending) return <div className="bones" aria-busy="true" aria-label={t("parts.loading")} />;
  const known = new Set<string>(STATES);
  const others = [...new Set(listed.rows.map((row) => row.status as string).filter((state) => !known.has(state)))]; // of a newer service
  return (
    <>
      <div className="tools">
        {tools}
        {listed.more && (
          <span className="right">
            <small>{t("models.board_first", { count: listed.rows.length })}</small>
            <Button onClick={listed.loadMore} loading={listed.loading}>
              {t("parts.more")}
            </Button>
          </span>
        )}
      </div>
      {listed.error && <Failure error={listed.error} again={listed.again} />}
      <div className="board" tabIndex={0} role="region" aria-label={t("models.as_board")}>
        {[...STATES, ...others].map((state) => (
          <section key={state} aria-label={word("project", state)}>
            <State kind="project" value={state} />
            <Cards rows={listed.rows.filter((row) => row.status === state)} />
          </section>
        ))}
      </div>
    </>
  );
}

function Cards({ rows }: { rows: Project[] }) {
  const { t } = useWords();
  return (
    <>
      <small className="count" role="img" aria-label={t("models.board_count", { count: rows.length })}>
        {rows.length}
      </small>
      <ul>
        {rows.map((row) => (
          <li key={row.id} className="card">
            <Link className="name" to={`/models/${row.id}`}>
              <bdi>{row.name}</bdi>
            </Link>
            {row.desc && <p className="why">{row.desc}</p>}
            <p className="why">
              <Ago time={row.update_time} />
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
