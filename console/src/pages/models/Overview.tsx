/** At a glance: who serves and how, how it learned, what the gate says, what happened last. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { FRESH, unlessLive } from "@/api/live";
import type { MetricPoint, ModelStatus } from "@/api/types";
import { Chart, type Line } from "@/parts/Chart";
import { Failure } from "@/parts/Failure";
import { useWords } from "@/words";
import { useMemo } from "react";
import { EventList } from "./Events";
import { GateCard } from "./GateCard";
import { ServingTable } from "./ServingTable";
import { useHistory } from "./api";

export function Overview({ status }: { status: ModelStatus }) {
  const { t } = useWords();
  const history = useHistory(status);
  return (
    <div className="cols">
      <div>
        {status.deploy.state === "ok" && (
          <section className="card">
            <h2>
              {t("models.traffic")} <span className="aside">{t("models.last_minute")}</span>
            </h2>
            <ServingTable slots={status.deploy.slots} />
          </section>
        )}
        {status.train.state === "ok" && status.train.latest_task && (
          <Learned id={status.train.latest_task.id} running={status.train.latest_task.status === "RUNNING"} />
        )}
      </div>
      <div>
        <GateCard status={status} />
        <section className="card">
          <h2>
            {t("models.recent")}{" "}
            <span className="aside">
              <Link to="?tab=events">{t("models.all")}</Link>
            </span>
          </h2>
          {history.data ? <EventList events={history.data.slice(0, 8)} /> : <div className="bones low" />}
        </section>
      </div>
    </div>
  );
}

/** after: only the points behind this step. */
export async function readPoints(id: string, after = -1): Promise<MetricPoint[]> {
  const points: MetricPoint[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = { limit: 500, ...(after >= 0 && { after_step: String(after) }), ...(cursor && { cursor }) };
    const answer: { points?: MetricPoint[]; next_cursor?: string | null } = await told(
      api.GET("/api/v1/train/tasks/{task_id}/metrics", { params: { path: { task_id: id }, query } }),
    );
    points.push(...(answer.points ?? []));
    cursor = answer.next_cursor ?? null;
  }
  return points;
}

export const lineOf = (points: MetricPoint[], name: string): Line => ({
  name,
  points: points.filter((point) => point.name === name).map((point) => [Number(point.step), point.value]),
});

function Learned({ id, running }: { id: string; running: boolean }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["points", id, running], queryFn: () => readPoints(id), refetchInterval: unlessLive(running ? FRESH : false) });
  const lines = useMemo(() => [lineOf(found.data ?? [], "loss")], [found.data]);
  return (
    <section className="card">
      <h2>
        {t("models.learned")}{" "}
        <span className="aside">
          <Link to={`/training/${id}`}>{t("models.to_run")}</Link>
        </span>
      </h2>
      {found.error ? (
        <Failure error={found.error} again={() => void found.refetch()} />
      ) : lines[0]!.points.length ? (
        <Chart title={t("models.learned")} lines={lines} across={t("models.step")} log />
      ) : (
        <p className="why">{t(found.isPending ? "parts.loading" : "models.no_points")}</p>
      )}
    </section>
  );
}
