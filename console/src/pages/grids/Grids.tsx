/** Every grid of the space. */
import { Button } from "antd";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { EvalGrid } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Head } from "@/parts/Head";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";

const COLUMNS: Column<EvalGrid>[] = [
  { key: "name", title: "grids.name", cell: (row) => <Link className="name" to={`/grids/${row.id}`}><bdi>{row.name}</bdi></Link>, value: (row) => row.name },
  { key: "cells", title: "grids.cells", cell: (row) => `${row.prompts.length} × ${row.targets.length}`, value: (row) => row.eval_task_ids.length },
  { key: "started", title: "grids.started", cell: (row) => row.started, value: (row) => row.started, number: true },
  { key: "created", title: "grids.created", cell: (row) => <Ago time={row.create_time} />, value: (row) => row.create_time },
];

export function Grids() {
  const { t } = useWords();
  const listed = useListed<EvalGrid>(["grids"], async (page) => {
    const answer = await told(api.GET("/api/v1/eval/grids", { params: { query: page } }));
    return { rows: answer.grids ?? [], next: answer.next_cursor ?? null };
  });
  const make = (
    <Link to="/grids/new">
      <Button type="primary">{t("grids.create")}</Button>
    </Link>
  );
  return (
    <>
      <Head title={t("grids.title")} lead={t("grids.lead")} code={{ path: "/eval/grids" }} actions={make} />
      <Table
        name="grids"
        title={t("grids.title")}
        columns={COLUMNS}
        listed={listed}
        rowKey={(row) => row.id}
        empty={<Empty title={t("grids.none")} text={t("grids.none_how")} command="modelyard grid create --help" action={make} />}
      />
    </>
  );
}
