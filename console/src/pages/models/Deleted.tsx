/** The models that were deleted and can still come back, and until when. */
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { DeletedProject } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { restored } from "./api";

const COLUMNS: Column<DeletedProject>[] = [
  { key: "name", title: "models.name", cell: (row) => <bdi className="name">{row.project.name}</bdi>, value: (row) => row.project.name },
  { key: "desc", title: "models.about", cell: (row) => <bdi>{row.project.desc || "—"}</bdi>, value: (row) => row.project.desc },
  { key: "deleted", title: "models.deleted_at", cell: (row) => <Ago time={row.delete_time} />, value: (row) => new Date(Number(row.delete_time)).toISOString() },
  { key: "until", title: "models.restore_until", cell: (row) => <Ago time={row.restore_until} />, value: (row) => new Date(Number(row.restore_until)).toISOString() },
  { key: "id", title: "models.id", cell: (row) => <Id id={row.project.id} />, value: (row) => row.project.id },
  { key: "acts", title: "models.acts", cell: (row) => <Restore id={row.project.id} />, value: () => "" },
];

export function Deleted() {
  const { t } = useWords();
  const listed = useListed<DeletedProject>(["models", "deleted"], async (page) => {
    const answer = await told(api.GET("/api/v1/models/deleted", { params: { query: page } }));
    return { rows: answer.deleted ?? [], next: answer.next_cursor ?? null };
  });
  return (
    <>
      <Head title={t("models.deleted")} lead={t("models.deleted_lead")} crumbs={[{ to: "/models", name: t("models.title") }]} code={{ path: "/models/deleted" }} />
      <Table name="deleted-models" title={t("models.deleted")} columns={COLUMNS} listed={listed} rowKey={(row) => row.project.id} empty={<Empty title={t("models.deleted_none")} text={t("models.deleted_none_how")} />} />
    </>
  );
}

function Restore({ id }: { id: string }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const restore = async () => {
    setError(null);
    try {
      await restored(id);
      await questions.invalidateQueries({ queryKey: ["models"] });
      void navigate(`/models/${id}`);
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <span className="acts">
      <Button size="small" onClick={() => void restore()}>
        {t("models.restore")}
      </Button>
      {error !== null && <Failure error={error} />}
    </span>
  );
}
