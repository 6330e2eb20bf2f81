/** The model page: one chain from data to serving that tells the truth, also about the part that does not answer. */
import { useParams, Link } from "react-router";
import { Button } from "antd";
import { usePeople } from "@/api/people";
import type { ModelStatus } from "@/api/types";
import { ApiError } from "@/api/client";
import { Ago } from "@/parts/Ago";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { Id } from "@/parts/Id";
import { State } from "@/parts/State";
import { Tabs, useTab, type Tab } from "@/parts/Tabs";
import { useWords } from "@/words";
import { useStatus } from "./api";
import { Card } from "./Card";
import { Chain } from "./Chain";
import { Events } from "./Events";
import { GateTab } from "./GateTab";
import { Lineage } from "./Lineage";
import { Overridden } from "./Overridden";
import { Overview } from "./Overview";
import { Settings } from "./Settings";
import { Versions } from "./Versions";

export function Model() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const status = useStatus(id);
  const crumbs = [{ to: "/models", name: t("models.title") }];
  if (!status.data) {
    const gone = status.error instanceof ApiError && [400, 404].includes(status.error.status);
    return (
      <>
        <Head title={gone ? t("models.not_found") : t("models.model")} crumbs={crumbs} />
        {status.error ? <Failure error={status.error} again={() => void status.refetch()} /> : <div className="bones" aria-busy="true" />}
      </>
    );
  }
  return <Page status={status.data} error={status.error} again={() => void status.refetch()} />;
}

function Page({ status, error, again }: { status: ModelStatus; error: Error | null; again: () => void }) {
  const { t } = useWords();
  const people = usePeople();
  const project = status.model.state === "ok" ? status.model.project : null;
  const number = status.model.state === "ok" ? status.model.latest_version?.number : undefined;
  const serving = status.deploy.state === "ok" ? status.deploy.slots.flatMap((slot) => slot.weights) : [];
  const tabs: Tab[] = [
    { key: "overview", name: t("models.overview") },
    { key: "versions", name: t("models.versions"), ...(number !== undefined && { count: number }) },
    { key: "card", name: t("models.card") },
    { key: "gate", name: t("models.gate") },
    { key: "lineage", name: t("models.lineage") },
    { key: "events", name: t("models.events") },
    { key: "settings", name: t("models.settings") },
  ];
  const on = useTab(tabs);
  return (
    <>
      <Head
        title={project?.name ?? t("models.model")}
        crumbs={[{ to: "/models", name: t("models.title") }]}
        state={project && <State kind="project" value={project.status} />}
        code={{ path: `/models/${status.id}/status` }}
        actions={
          serving.length > 0 && project ? (
            <Link to={`/playground?model=${encodeURIComponent(project.name)}`}>
              <Button type="primary" tabIndex={-1}>
                {t("models.try")}
              </Button>
            </Link>
          ) : null
        }
        lead={
          <>
            {project && (
              <span>
                {t("models.owner")} <b>{people(project.user_id)}</b>
              </span>
            )}
            {project?.inference_framework && (
              <span>
                {t("models.framework")} <b>{[project.train_framework, project.inference_framework].filter(Boolean).join(" → ")}</b>
              </span>
            )}
            {serving.length > 0 && (
              <span>
                {t("models.online_version")} <b>{serving.map((each) => `v${each.model_version_number}`).join(", ")}</b>
              </span>
            )}
            {number !== undefined && (
              <span>
                {t("models.latest")} <b>v{number}</b>
              </span>
            )}
            <span>
              {t("models.id")} <Id id={status.id} />
            </span>
            <span>
              {t("models.fresh")} <b>{error ? t("models.stale") : <Ago time={status.as_of} />}</b>
            </span>
          </>
        }
      />
      {error && <Failure error={error} again={again} />}
      <Overridden status={status} />
      <Chain status={status} again={again} />
      <Tabs tabs={tabs} on={on} />
      {on === "overview" && <Overview status={status} />}
      {on === "versions" && <Versions status={status} />}
      {on === "card" && <Card id={status.id} name={project?.name ?? status.id} />}
      {on === "gate" && <GateTab status={status} again={again} />}
      {on === "lineage" && <Lineage status={status} />}
      {on === "events" && <Events status={status} />}
      {on === "settings" && <Settings status={status} again={again} />}
    </>
  );
}
