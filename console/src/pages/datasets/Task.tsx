/** One data task: its progress while it runs, what came out, and why it failed when it did. */
import { useParams, Link } from "react-router";
import { api, told } from "@/api/client";
import { Confirm } from "@/parts/Confirm";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { State } from "@/parts/State";
import { TaskFacts } from "@/parts/TaskFacts";
import { TaskLog } from "@/parts/TaskLog";
import { useWords } from "@/words";
import { useTask, useVersion } from "./api";
import { LedgerView } from "./LedgerView";
import { People } from "@/pages/work/People";

export function Task() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useTask(id);
  const task = found.data;
  const running = !!task && task.finish_time === "0";
  if (!task)
    return (
      <>
        <Head title={t("datasets.task")} crumbs={[{ to: "/datasets", name: t("datasets.title") }]} />
        {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  const cancel = async (cause: string) => {
    await told(api.POST("/api/v1/datasets/tasks/{id}/cancel", { params: { path: { id } }, body: cause ? { cause } : {} }));
    await found.refetch();
  };
  return (
    <>
      <Head
        title={task.name}
        crumbs={[
          { to: "/datasets", name: t("datasets.title") },
          { to: `/datasets/${task.dataset_id}?tab=tasks`, name: t("datasets.tasks") },
        ]}
        state={<State kind="task" value={task.status} />}
        code={{ path: `/datasets/tasks/${id}` }}
        actions={running && task.status !== "CANCELLING" ? <Confirm label={t("datasets.cancel")} what={t("datasets.cancel_what")} reason="optional" look={{ danger: true }} run={cancel} /> : null}
      />
      <div className="stack">
        <TaskFacts task={task} />
        {task.type === "Annotation" && <People of="datasets" task={task} />}
        {task.output_version_ids.map((version) => (
          <Output key={version} id={version} />
        ))}
        <TaskLog of="datasets" id={task.id} />
      </div>
    </>
  );
}

function Output({ id }: { id: string }) {
  const { t, num } = useWords();
  const found = useVersion(id);
  if (found.error) return <Failure error={found.error} />;
  if (!found.data) return <div className="bones low" />;
  return (
    <section>
      <h2 className="between">
        <Link to={`/datasets/versions/${id}`}>{t("datasets.made_version", { number: found.data.number, records: num(Number(found.data.records)) })}</Link>
      </h2>
      <LedgerView version={found.data} />
    </section>
  );
}
