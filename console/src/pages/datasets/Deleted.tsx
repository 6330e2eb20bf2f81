/** What was deleted: what can still come back and until when, and the proofs of what is gone for good. */
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import { usePeople } from "@/api/people";
import type { DeletedDataset, Purge } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Confirm } from "@/parts/Confirm";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Table, type Column } from "@/parts/Table";
import { Tabs, useTab } from "@/parts/Tabs";
import { useWords } from "@/words";
import { Secrecy } from "./Secrecy";

const DELETED: Column<DeletedDataset>[] = [
  { key: "name", title: "datasets.name", cell: (row) => <bdi>{row.dataset.name}</bdi>, value: (row) => row.dataset.name },
  { key: "secrecy", title: "datasets.secrecy", cell: (row) => <Secrecy value={row.dataset.secrecy} />, value: (row) => row.dataset.secrecy },
  { key: "deleted", title: "datasets.deleted_at", cell: (row) => <Ago time={row.delete_time} />, value: (row) => new Date(Number(row.delete_time)).toISOString() },
  { key: "purge", title: "datasets.purged_at", cell: (row) => <Ago time={row.purge_time} />, value: (row) => new Date(Number(row.purge_time)).toISOString() },
  { key: "id", title: "datasets.id", cell: (row) => <Id id={row.dataset.id} />, value: (row) => row.dataset.id },
  { key: "acts", title: "datasets.acts", cell: (row) => <Acts deleted={row} />, value: () => "" },
];

const PROOFS: Column<Purge>[] = [
  { key: "name", title: "datasets.name", cell: (row) => <bdi>{row.name}</bdi>, value: (row) => row.name },
  { key: "who", title: "datasets.purged_by", cell: (row) => <Who id={row.user_id} />, value: (row) => row.user_id },
  { key: "cause", title: "datasets.why", cell: (row) => <bdi>{row.cause}</bdi>, value: (row) => row.cause },
  { key: "what", title: "datasets.purged_what", cell: (row) => <What purge={row} />, value: (row) => row.artifacts.map((each) => each.digest).join(" ") },
  { key: "when", title: "datasets.purged_when", cell: (row) => (row.finish_time === "0" ? "—" : <Ago time={row.finish_time} />), value: (row) => new Date(Number(row.finish_time)).toISOString() },
  { key: "proof", title: "datasets.proof", cell: (row) => (row.proof ? <Id id={row.proof} /> : "—"), value: (row) => row.proof },
];

export function Deleted() {
  const { t } = useWords();
  const tabs = [
    { key: "deleted", name: t("datasets.deleted") },
    { key: "proofs", name: t("datasets.proofs") },
  ];
  const on = useTab(tabs);
  return (
    <>
      <Head title={t("datasets.deleted")} lead={t("datasets.deleted_lead")} crumbs={[{ to: "/datasets", name: t("datasets.title") }]} code={{ path: on === "proofs" ? "/datasets/purges" : "/datasets/deleted" }} />
      <Tabs tabs={tabs} on={on} />
      {on === "proofs" ? <Proofs /> : <Returning />}
    </>
  );
}

function Returning() {
  const { t } = useWords();
  const listed = useListed<DeletedDataset>(["datasets", "deleted"], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets/deleted", { params: { query: page } }));
    return { rows: answer.deleted ?? [], next: answer.next_cursor ?? null };
  });
  return <Table name="deleted" title={t("datasets.deleted")} columns={DELETED} listed={listed} rowKey={(row) => row.dataset.id} empty={<Empty title={t("datasets.deleted_none")} text={t("datasets.deleted_none_how")} />} />;
}

function Proofs() {
  const { t } = useWords();
  const listed = useListed<Purge>(["datasets", "purges"], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets/purges", { params: { query: page } }));
    return { rows: answer.purges ?? [], next: answer.next_cursor ?? null };
  });
  return <Table name="purges" title={t("datasets.proofs")} columns={PROOFS} listed={listed} rowKey={(row) => row.id} empty={<Empty title={t("datasets.proofs_none")} text={t("datasets.proofs_none_how")} />} />;
}

function Who({ id }: { id: string }) {
  const { t } = useWords();
  const people = usePeople();
  return <>{id === "0" ? t("datasets.purged_by_time") : people(id)}</>;
}

function What({ purge }: { purge: Purge }) {
  const { t, num, bytes } = useWords();
  const gone = purge.artifacts.filter((each) => each.removed);
  const kept = purge.artifacts.filter((each) => each.kept_for).length;
  return (
    <>
      {t("datasets.purged_facts", { versions: num(purge.versions.length), size: bytes(gone.reduce((sum, each) => sum + Number(each.bytes), 0)) })}
      {kept > 0 && ` · ${t("datasets.purged_kept", { count: num(kept) })}`}
    </>
  );
}

function Acts({ deleted }: { deleted: DeletedDataset }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const id = deleted.dataset.id;
  const restore = async () => {
    setError(null);
    try {
      await told(api.POST("/api/v1/datasets/{id}/restore", { params: { path: { id } }, body: {} }));
      await questions.invalidateQueries({ queryKey: ["datasets"] });
      void navigate(`/datasets/${id}`);
    } catch (caught) {
      setError(caught);
    }
  };
  const purge = async (cause: string) => {
    await told(api.POST("/api/v1/datasets/{id}/purge", { params: { path: { id } }, body: { cause } }));
    await questions.invalidateQueries({ queryKey: ["datasets"] });
  };
  return (
    <span className="acts">
      <Button size="small" onClick={() => void restore()}>
        {t("datasets.restore")}
      </Button>
      <Confirm label={t("datasets.purge")} what={t("datasets.purge_what", { name: deleted.dataset.name })} reason="required" look={{ danger: true, size: "small" }} run={purge} />
      {error !== null && <Failure error={error} />}
    </span>
  );
}
