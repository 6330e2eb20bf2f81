/** A version given to people: what they are asked, who they are, and by which rule. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { api, told } from "@/api/client";
import { useAddress } from "@/parts/address";
import { Begin, NameField, useFacts } from "@/parts/Begin";
import { ChooseData, Choice } from "@/parts/Choose";
import { OptionFields } from "@/parts/Options";
import { Pools } from "@/pages/work/Pools";
import { useWords } from "@/words";
import { useDataset, useVersion } from "./api";

const FIRST = 200;

export function Annotate() {
  const { id = "" } = useParams();
  const { t, word } = useWords();
  const version = useVersion(id).data;
  const dataset = useDataset(version?.dataset_id ?? "", !!version).data;
  const [params, put] = useAddress();
  const [rule, setRule] = useFacts("rule");
  const templates = useTemplates();
  const chosen = templates.data?.find((each) => each.id === params.get("template"));
  const name = (params.get("name") ?? "").trim() || chosen?.name || "";
  const listed = (key: string) => (params.get(key) ?? "").split(",").filter(Boolean);
  const known = params.get("known") ?? "";
  const body = {
    sub_type: (chosen?.kind ?? "") as never,
    name,
    input_version_id: id,
    template_id: chosen?.id ?? "",
    rule: rule as never,
    annotators: listed("annotators"),
    inspectors: listed("inspectors"),
    ...(known && { known_version_id: known }),
  };
  const start = async () => {
    const made = await told(api.POST("/api/v1/datasets/{dataset_id}/annotations", { params: { path: { dataset_id: version?.dataset_id ?? "" } }, body }));
    return `/datasets/tasks/${made.dataset_task.id}`;
  };
  return (
    <Begin
      title={t("datasets.annotate")}
      lead={t("datasets.annotate_lead")}
      crumbs={[
        { to: "/datasets", name: t("datasets.title") },
        { to: `/datasets/${version?.dataset_id ?? ""}`, name: dataset?.name ?? t("datasets.dataset") },
        { to: `/datasets/versions/${id}`, name: `v${version?.number ?? ""}` },
      ]}
      code={{ verb: "POST", path: `/datasets/${version?.dataset_id ?? ""}/annotations`, body }}
      label={t("datasets.annotate_start")}
      ready={!!version && !!chosen}
      start={start}
    >
      <Choice
        id="template"
        label={t("datasets.annotate_template")}
        value={params.get("template") ?? ""}
        change={(next) => put({ template: next })}
        loading={templates.isFetching}
        options={(templates.data ?? []).map((each) => ({ value: each.id, label: `${each.name} · ${word("annotation", each.kind)} · v${each.number}` }))}
      />
      <p className="why">
        <Link to="/templates">{t("datasets.annotate_templates")}</Link>
      </p>
      <NameField how={t("datasets.annotate_name_how")} />
      <Pools of="datasets" id="annotators" label={t("datasets.annotators")} why={t("datasets.annotators_how")} value={listed("annotators")} change={(next) => put({ annotators: next.join(",") })} />
      <Pools of="datasets" id="inspectors" label={t("datasets.inspectors")} why={t("datasets.inspectors_how")} value={listed("inspectors")} change={(next) => put({ inspectors: next.join(",") })} />
      <ChooseData id="known" label={t("datasets.known")} value={known} change={(next) => put({ known: next })} why={t("datasets.known_how")} clear />
      <h2>{t("datasets.rule")}</h2>
      <OptionFields id="rule" kind="dataset.Annotation" names="people_rule" value={rule} change={setRule} />
    </Begin>
  );
}

const useTemplates = () =>
  useQuery({ queryKey: ["templates"], queryFn: async () => (await told(api.GET("/api/v1/datasets/templates", { params: { query: { limit: FIRST } } }))).templates });
