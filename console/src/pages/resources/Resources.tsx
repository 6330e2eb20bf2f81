/** Resources: nodes, quotas, the queue and the costs, one tab each. */
import { Head } from "@/parts/Head";
import { Tabs, useTab } from "@/parts/Tabs";
import { useWords } from "@/words";
import { Costs } from "./Costs";
import { Nodes } from "./Nodes";
import { Queue } from "./Queue";
import { Quotas } from "./Quotas";

const PATHS: Record<string, string> = { nodes: "/resource/nodes", queue: "/resource/reservations", quotas: "/resource/quotas/mine", costs: "/resource/cost" };

export function Resources() {
  const { t } = useWords();
  const tabs = [
    { key: "queue", name: t("resources.queue") },
    { key: "quotas", name: t("resources.quotas") },
    { key: "nodes", name: t("resources.nodes") },
    { key: "costs", name: t("resources.costs") },
  ];
  const on = useTab(tabs);
  return (
    <>
      <Head title={t("resources.title")} lead={t("resources.lead")} code={{ path: PATHS[on]! }} />
      <Tabs tabs={tabs} on={on} />
      {on === "queue" && <Queue />}
      {on === "quotas" && <Quotas />}
      {on === "nodes" && <Nodes />}
      {on === "costs" && <Costs />}
    </>
  );
}
