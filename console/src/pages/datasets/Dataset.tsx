/** One dataset: its versions and the tasks that made them. */
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useNavigate, useParams, Link } from "react-router";
import { api, told } from "@/api/client";
import { usePeople } from "@/api/people";
import { useRoles } from "@/api/session";
import type { Dataset as Named, DatasetTask, DatasetVersion, Ledger } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { State } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { Tabs, useTab } from "@/parts/Tabs";
import { offerUndo } from "@/parts/Undo";
import { useWords } from "@/words";
import { useDataset, useTasks, useVersions } from "./api";
import { Secrecy } from "./Secrecy";

const droppedOf = (version: DatasetVersion) => Object.values((version.ledger as Ledger).dropped ?? {}).reduce((sum, each) => sum + each, 0);

const VERSIONS: Column<DatasetVersion>[] = [
  {
    key: "number",
    title: "datasets.version",
    cell: (row) => (
      <Link className="name" to={`/datasets/versions/${row.id}`}>
        v{row.number}
      </Link>
    ),
    value: (row) => row.number,
  },
  { key: "kind", title: "datasets.kind", cell: (row) => <Kind version={row} />, value: (row) => `${row.kind} ${row.part}` },
  { key: "records", title: "datasets.records", cell: (row) => <Count value={Number(row.records)} />, value: (row) => row.records, number: true },
  { key: "dropped", title: "datasets.dropped", cell: (row) => <Count value={droppedOf(row)} />, value: droppedOf, number: true },
  { key: "bytes", title: "datasets.size", cell: (row) => <Size value={Number(row.bytes)} />, value: (row) => row.bytes, number: true },
  { key: "hash", title: "datasets.hash", cell: (row) => <Id id={row.content_hash} />, value: (row) => row.content_hash },
  { key: "created", title: "datasets.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
  { key: "id", title: "datasets.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id, extra: true },
];

const TASKS: Column<DatasetTask>[] = [
  {
    key: "name",
    title: "datasets.task",
    cell: (row) => (
      <Link className="name" to={`/datasets/tasks/${row.id}`}>
        <bdi>{row.name}</bdi>
      </Link>
    ),
    value: (row) => row.name,
  },
  { key: "type", title: "datasets.type", cell: (row) => <TaskType value={row.type} />, value: (row) => row.type },
  { key: "status", title: "datasets.state", cell: (row) => <State kind="task" value={row.status} />, value: (row) => row.status },
  { key: "done", title: "datasets.progress", cell: (row) => `${row.progress_done} / ${row.progress_total}`, value: (row) => row.progress_done, number: true },
  { key: "created", title: "datasets.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => new Date(Number(row.create_time)).toISOString() },
  { key: "id", title: "datasets.id", cell: (row) => <Id id={row.id} />, value: (row) => row.id },
];

function Count({ value }: { value: number }) {
  return <>{useWords().num(value)}</>;
}

function Size({ value }: { value: number }) {
  return <>{useWords().bytes(value)}</>;
}

function TaskType({ value }: { value: string }) {
  return <>{useWords().word("dataset_task", value)}</>;
}

export function Kind({ version }: { version: DatasetVersion }) {
  const { word } = useWords();
  return (
    <>
      {word("content", version.kind)} · {word("part", version.part)}
    </>
  );
}

export function Dataset() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useDataset(id);
  if (!found.data)
    return (
      <>
        <Head title={t("datasets.dataset")} crumbs={[{ to: "/datasets", name: t("datasets.title") }]} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  return <Page dataset={found.data} />;
}

function Page({ dataset }: { dataset: Named }) {
  const { t, word } = useWords();
  const people = usePeople();
  const tabs = [
    { key: "versions", name: t("datasets.versions") },
    { key: "tasks", name: t("datasets.tasks") },
  ];
  const on = useTab(tabs);
  const versions = useVersions(dataset.id);
  const tasks = useTasks(dataset.id);
  return (
    <>
      <Head
        title={dataset.name}
        crumbs={[{ to: "/datasets", name: t("datasets.title") }]}
        state={<Secrecy value={dataset.secrecy} />}
        code={{ path: `/datasets/${dataset.id}/versions` }}
        actions={
          <>
            <Link to={`/datasets/import?dataset=${dataset.id}`}>
              <Button type="primary">{t("datasets.import")}</Button>
            </Link>
            {versions.rows.length > 1 && (
              <Link to={`/datasets/${dataset.id}/diff`}>
                <Button>{t("datasets.compare")}</Button>
              </Link>
            )}
            <Remove dataset={dataset} />
          </>
        }
        lead={
          <>
            <span>
              {t("datasets.owner")} <b>{people(dataset.user_id)}</b>
            </span>
            <span>
              {t("datasets.type")} <b>{word("dataset_type", dataset.type)}</b>
            </span>
            {dataset.desc && <bdi>{dataset.desc}</bdi>}
            <span>
              {t("datasets.id")} <Id id={dataset.id} />
            </span>
          </>
        }
      />
      <Tabs tabs={tabs} on={on} />
      {on === "versions" ? (
        <Table name="dataset-versions" title={t("datasets.versions")} columns={VERSIONS} listed={versions} rowKey={(row) => row.id} empty={<Empty title={t("datasets.no_versions")} text={t("datasets.no_versions_how")} />} />
      ) : (
        <Table name="dataset-tasks" title={t("datasets.tasks")} columns={TASKS} listed={tasks} rowKey={(row) => row.id} empty={<Empty title={t("datasets.no_tasks")} text={t("datasets.no_versions_how")} />} />
      )}
    </>
  );
}

function Remove({ dataset }: { dataset: Named }) {
  const { t } = useWords();
  const roles = useRoles();
  const navigate = useNavigate();
  const questions = useQueryClient();
  if (!roles.includes("owner")) return null;
  const remove = async () => {
    await told(api.DELETE("/api/v1/datasets/{id}", { params: { path: { id: dataset.id }, query: { expected_version: dataset.version } } }));
    await questions.invalidateQueries({ queryKey: ["datasets"] });
    const back = () => told(api.POST("/api/v1/datasets/{id}/restore", { params: { path: { id: dataset.id } }, body: {} }));
    offerUndo({ name: dataset.name, undo: back, to: `/datasets/${dataset.id}` });
    void navigate("/datasets");
  };
  return <Confirm label={t("datasets.delete")} what={t("datasets.delete_what", { name: dataset.name })} look={{ danger: true }} run={remove} />;
}
