/** The compute nodes with what is held of them. */
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { ComputeNode } from "@/api/types";
import { Empty } from "@/parts/Empty";
import { State } from "@/parts/State";
import { Table, type Column } from "@/parts/Table";
import { useWords } from "@/words";
import { CORE, GB, Share } from "./amounts";

const COLUMNS: Column<ComputeNode>[] = [
  { key: "name", title: "resources.name", cell: (row) => <bdi className="name">{row.name}</bdi>, value: (row) => row.name },
  { key: "room", title: "resources.room", cell: (row) => <bdi>{row.room}</bdi>, value: (row) => row.room },
  { key: "health", title: "resources.health", cell: (row) => <State kind="node_health" value={row.health} />, value: (row) => row.health },
  { key: "cpu", title: "resources.cpu", cell: (row) => <Share used={row.held.cpu_milli} cap={row.capacity.cpu_milli} unit={CORE} />, value: (row) => row.held.cpu_milli },
  { key: "memory", title: "resources.memory", cell: (row) => <Share used={row.held.memory_mb} cap={row.capacity.memory_mb} unit={GB} />, value: (row) => row.held.memory_mb },
  {
    key: "accelerators",
    title: "resources.accelerators",
    cell: (row) => (
      <>
        <Share used={row.held.accelerator_milli} cap={row.capacity.accelerator_milli} unit={CORE} />
        <small>
          <bdi>
            {row.vendor} {row.model}
          </bdi>
        </small>
      </>
    ),
    value: (row) => row.held.accelerator_milli,
  },
  { key: "secrecy", title: "resources.secrecy", cell: (row) => <State kind="secrecy" value={row.secrecy} />, value: (row) => row.secrecy, extra: true },
];

export function Nodes() {
  const { t } = useWords();
  const listed = useListed<ComputeNode>(["nodes"], async (page) => {
    const answer = await told(api.GET("/api/v1/resource/nodes", { params: { query: page } }));
    return { rows: answer.compute_nodes ?? [], next: answer.next_cursor ?? null };
  });
  const empty = (
    <Empty
      title={t("resources.no_nodes")}
      text={t("resources.no_nodes_how")}
      command="modelyard resource create-node gpu-1 --room north --cpu 32 --memory 128GB --accelerators 4"
    />
  );
  return <Table name="nodes" title={t("resources.nodes")} columns={COLUMNS} listed={listed} rowKey={(row) => row.id} empty={empty} />;
}
