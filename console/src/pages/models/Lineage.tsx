/** What the newest version was made of, judged by and packed into; each link leads to its page. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, told } from "@/api/client";
import type { Edge, ModelStatus } from "@/api/types";
import { Ago } from "@/parts/Ago";
import { Empty } from "@/parts/Empty";
import { Failure } from "@/parts/Failure";
import { Id } from "@/parts/Id";
import { useWords } from "@/words";

const NAMED = new Set(["code", "library", "machine", "checkpoint"]); // these are no ids: a name and a version, to be read
const PAGES: Record<string, string> = { train_task: "/training/", eval_task: "/evaluation/", work_order: "/orders/", dataset_version: "/datasets/versions/" };

export function Lineage({ status }: { status: ModelStatus }) {
  const { t, word } = useWords();
  const id = status.model.state === "ok" ? status.model.latest_version?.id : undefined;
  const found = useQuery({
    queryKey: ["lineage", id],
    enabled: !!id,
    queryFn: async () => (await told(api.GET("/api/v1/models/versions/{model_version_id}/lineage", { params: { path: { model_version_id: id ?? "" } } }))).edges ?? [],
  });
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (!id || found.data?.length === 0)
    return (
      <div className="card">
        <Empty title={t("models.no_lineage")} text={t("models.no_lineage_how")} />
      </div>
    );
  if (!found.data) return <div className="bones" aria-busy="true" />;
  return (
    <div className="grid" tabIndex={0} role="region" aria-label={t("models.lineage")}>
      <table>
        <thead>
          <tr>
            <th>{t("models.from")}</th>
            <th>{t("models.relation")}</th>
            <th>{t("models.to")}</th>
            <th>{t("models.created")}</th>
          </tr>
        </thead>
        <tbody>
          {found.data.map((edge, index) => (
            <tr key={index}>
              <td>
                <End kind={edge.from_kind} id={edge.from_id} />
              </td>
              <td>{word("relation", edge.relation)}</td>
              <td>
                <End kind={edge.to_kind} id={edge.to_id} />
              </td>
              <td>
                <Ago time={edge.create_time} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function End({ kind, id }: { kind: Edge["from_kind"]; id: string }) {
  const { word } = useWords();
  const page = PAGES[kind];
  return (
    <>
      {page ? <Link to={page + id}>{word("entity", kind)}</Link> : word("entity", kind)} {NAMED.has(kind) ? <bdi>{id}</bdi> : <Id id={id} />}
    </>
  );
}
