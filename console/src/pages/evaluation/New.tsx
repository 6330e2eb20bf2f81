/** A new evaluation: a version of a model, the test set it is asked, and how. */
import { api, told } from "@/api/client";
import { useAddress } from "@/parts/address";
import { Begin, NameField, useFacts, useOnce } from "@/parts/Begin";
import { ChooseData, ChooseModel, ChooseVersion } from "@/parts/Choose";
import { OptionFields } from "@/parts/Options";
import { useWords } from "@/words";

/** There are weights to be asked. */
export const trained = (status: string) => !["CREATED", "TRAINING", "RETIRED", "QUARANTINED"].includes(status);

export function New() {
  const { t } = useWords();
  const [params, put] = useAddress();
  const [options, setOptions] = useFacts();
  const once = useOnce();
  const [model, version, data] = [params.get("model") ?? "", params.get("version") ?? "", params.get("data") ?? ""];
  const name = (params.get("name") ?? "").trim();
  const config = { model_id: model, name, dataset_version_id: data, options: options as never };
  const start = async () => {
    const id = await once(config, async () => (await told(api.POST("/api/v1/eval/configs", { body: config }))).config.id);
    return `/evaluation/${(await told(api.POST("/api/v1/eval/tasks", { body: { eval_config_id: id, model_version_id: version, name } }))).eval_task.id}`;
  };
  return (
    <Begin
      title={t("evaluation.new")}
      lead={t("evaluation.new_lead")}
      crumbs={[{ to: "/evaluation", name: t("evaluation.title") }]}
      code={{ verb: "POST", path: "/eval/configs", body: config }}
      label={t("evaluation.new_start")}
      ready={!!(model && version && data && name)}
      start={start}
    >
      <ChooseModel id="model" label={t("evaluation.model")} value={model} change={(next) => put({ model: next, version: "" })} />
      <ChooseVersion id="version" label={t("evaluation.version")} model={model} usable={trained} value={version} change={(next) => put({ version: next })} />
      <NameField how={t("evaluation.new_name_how")} />
      <ChooseData id="data" label={t("evaluation.test_set")} value={data} change={(next) => put({ data: next })} why={t("evaluation.test_set_how")} />
      <h2>{t("parts.options")}</h2>
      <OptionFields id="eval" kind="eval.evaluation" value={options} change={setOptions} />
    </Begin>
  );
}
