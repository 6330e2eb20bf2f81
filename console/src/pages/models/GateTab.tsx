/** The gate with its evidence: the rules and their verdict on the newest version, and every stored evaluation it stands on. */
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { Evidence, ModelStatus } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Id } from "@/parts/Id";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { Explain } from "./Explain";
import { GateCard } from "./GateCard";
import { GateRules } from "./GateRules";

export function GateTab({ status, again }: { status: ModelStatus; again: () => void }) {
  const { t } = useWords();
  const version = status.model.state === "ok" ? status.model.latest_version : undefined;
  const gate = status.model.state === "ok" ? status.model.gate : undefined;
  return (
    <div className="stack">
      {version?.artifact_digest && !["RETIRED", "QUARANTINED"].includes(version.status) ? <Explain version={version} project={status.id} /> : <GateCard status={status} />}
      {gate && <GateRules gate={gate} again={again} />}
      {version && <Stored id={version.id} />}
      {!version && (
        <div className="card">
          <Empty title={t("models.no_versions")} text={t("models.gate_no_version")} />
        </div>
      )}
    </div>
  );
}

const COLUMNS: Column<Evidence>[] = [
  {
    key: "task",
    title: "models.evaluation",
    cell: (row) => (
      <Link to={`/evaluation/${row.eval_task_id}`} className="mono">
        {row.eval_task_id}
      </Link>
    ),
    value: (row) => row.eval_task_id,
  },
  { key: "digest", title: "models.digest", cell: (row) => <Id id={row.digest} />, value: (row) => row.digest },
  { key: "metrics", title: "models.metrics", cell: (row) => <Metrics metrics={row.metrics} />, value: (row) => JSON.stringify(row.metrics) },
  { key: "items", title: "models.items_word", cell: (row) => row.items, value: (row) => row.items, number: true },
  { key: "failed", title: "models.failed_word", cell: (row) => row.failed_items, value: (row) => row.failed_items, number: true },
  { key: "data", title: "models.data_hash", cell: (row) => <Id id={row.dataset_hash} />, value: (row) => row.dataset_hash, extra: true },
  { key: "time", title: "models.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
];

/** The metrics themselves; their intervals and shares are in the run. */
function Metrics({ metrics }: { metrics: Record<string, number> }) {
  const { num, metric } = useWords();
  const main = Object.entries(metrics).filter(([name]) => !name.includes("."));
  return <>{main.map(([name, value]) => `${metric(name)} ${num(value, 3)}`).join(" · ")}</>;
}

function Stored({ id }: { id: string }) {
  const { t } = useWords();
  const listed = useListed<Evidence>(["evidence", id], async (page) => {
    const answer = await told(api.GET("/api/v1/models/versions/{model_version_id}/evidence", { params: { path: { model_version_id: id }, query: page } }));
    return { rows: answer.evidence ?? [], next: answer.next_cursor ?? null };
  });
  return (
    <section>
      <h2 className="between">{t("models.evidence")}</h2>
      <Table
        name="evidence"
        title={t("models.evidence")}
        columns={COLUMNS}
        listed={listed}
        rowKey={(row) => row.id}
        empty={<Empty title={t("models.no_evidence")} text={t("models.no_evidence_how")} />}
      />
    </section>
  );
}
