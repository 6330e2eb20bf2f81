/** The stored outputs of an evaluation given to people: what they are asked, who they are, and by which rule. They rate blind. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { api, told } from "@/api/client";
import type { WorkTemplate } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Begin, NameField, useFacts, useOnce } from "@/parts/Begin";
import { Choice } from "@/parts/Choose";
import { OptionFields } from "@/parts/Options";
import { bodyOf } from "@/pages/work/api";
import { Pools } from "@/pages/work/Pools";
import { nameOf } from "@/pages/work/template";
import { useWords } from "@/words";

const FIRST = 200;
const KNOWN = ["gold_percent", "gold_misses", "gold_similarity"]; // outputs have no answer that is known before

export function Rate() {
  const { id = "" } = useParams();
  const { t, word } = useWords();
  const run = useRun(id).data;
  const [params, put] = useAddress();
  const [rule, setRule] = useFacts("rule");
  const once = useOnce();
  const templates = useTemplates();
  const chosen = templates.data?.find((each) => each.id === params.get("template"));
  const name = (params.get("name") ?? "").trim() || chosen?.name || "";
  const listed = (key: string) => (params.get(key) ?? "").split(",").filter(Boolean);
  const [against, good] = [params.get("against") ?? "", params.get("good") ?? ""];
  const pairs = chosen?.kind === "Pairwise_Rating";
  const config = {
    model_id: run?.model_id ?? "",
    name: `${name} · ${id}`.slice(-100),
    dataset_version_id: run?.dataset_version_id ?? "",
    template_id: chosen?.id ?? "",
    rule: rule as never,
    annotators: listed("annotators"),
    inspectors: listed("inspectors"),
    ...(good && { good: [good] }),
  };
  const start = async () => {
    const made = await once(config, async () => (await told(api.POST("/api/v1/eval/configs", { body: config }))).config.id);
    const body = { eval_config_id: made, name, ...(pairs && { against_task_id: against }) };
    return `/evaluation/${(await told(api.POST("/api/v1/eval/tasks/{eval_task_id}/ratings", { params: { path: { eval_task_id: id } }, body }))).eval_task.id}`;
  };
  return (
    <Begin
      title={t("evaluation.rate")}
      lead={t("evaluation.rate_lead")}
      crumbs={[
        { to: "/evaluation", name: t("evaluation.title") },
        { to: `/evaluation/${id}`, name: run?.name || id },
      ]}
      code={{ verb: "POST", path: "/eval/configs", body: config }}
      label={t("evaluation.rate_start")}
      ready={!!run && !!chosen && (!pairs || !!against)}
      start={start}
    >
      <Choice
        id="template"
        label={t("evaluation.rate_template")}
        value={params.get("template") ?? ""}
        change={(next) => put({ template: next, good: "" })}
        loading={templates.isFetching}
        options={(templates.data ?? []).map((each) => ({ value: each.id, label: `${each.name} · ${word("annotation", each.kind)} · v${each.number}` }))}
      />
      <p className="why">
        <Link to="/templates/eval">{t("evaluation.rate_templates")}</Link>
      </p>
      {pairs && <Against run={id} model={run?.model_id ?? ""} data={run?.dataset_version_id ?? ""} value={against} change={(next) => put({ against: next })} />}
      {chosen?.kind === "Category_Rating" && (
        <Choice
          id="good"
          label={t("evaluation.good")}
          why={t("evaluation.good_how")}
          value={good}
          change={(next) => put({ good: next })}
          loading={false}
          options={labelsOf(chosen).map((label) => ({ value: label.value, label: nameOf(label) }))}
        />
      )}
      <NameField how={t("evaluation.rate_name_how")} />
      <Pools of="eval" id="annotators" label={t("evaluation.raters_pools")} why={t("evaluation.raters_how")} value={listed("annotators")} change={(next) => put({ annotators: next.join(",") })} />
      <Pools of="eval" id="inspectors" label={t("evaluation.inspectors")} why={t("evaluation.inspectors_how")} value={listed("inspectors")} change={(next) => put({ inspectors: next.join(",") })} />
      <h2>{t("evaluation.rule")}</h2>
      <OptionFields id="rule" kind="eval.rating" names="people_rule" without={KNOWN} value={rule} change={setRule} />
    </Begin>
  );
}

const labelsOf = (template: WorkTemplate) => bodyOf(template).fields.find((field) => field.name === "category")?.labels ?? [];

const useRun = (id: string) =>
  useQuery({ queryKey: ["eval-task", id], queryFn: async () => (await told(api.GET("/api/v1/eval/tasks/{id}", { params: { path: { id } } }))).eval_task });

const useTemplates = () =>
  useQuery({
    queryKey: ["templates", "eval"],
    queryFn: async () => (await told(api.GET("/api/v1/eval/templates", { params: { query: { limit: FIRST } } }))).templates as WorkTemplate[],
  });

interface AgainstProps {
  run: string;
  model: string;
  data: string;
  value: string;
  change: (value: string) => void;
}

/** The other run of a pair: an evaluation of this model on the same test set. */
function Against({ run, model, data, value, change }: AgainstProps) {
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["choose", "runs", model],
    enabled: !!model,
    queryFn: async () => (await told(api.GET("/api/v1/eval/tasks", { params: { query: { model_id: model, statuses: ["SUCCEEDED"], limit: FIRST } } }))).eval_tasks,
  });
  const others = (found.data ?? []).filter((each) => each.id !== run && each.dataset_version_id === data && each.rated_task_id === "0");
  return (
    <Choice
      id="against"
      label={t("evaluation.against")}
      why={t("evaluation.against_how")}
      value={value}
      change={change}
      loading={found.isFetching}
      options={others.map((each) => ({ value: each.id ?? "", label: `${each.name ?? ""} · ${each.id ?? ""}` }))}
    />
  );
}
