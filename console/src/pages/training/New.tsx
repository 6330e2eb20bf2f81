/** A new training run: a model, the data it learns from, and its options. */
import { api, told } from "@/api/client";
import { useAddress } from "@/parts/address";
import { Begin, NameField, useFacts, useOnce } from "@/parts/Begin";
import { Choice, ChooseData, ChooseModel } from "@/parts/Choose";
import { OptionFields, useKinds } from "@/parts/Options";
import { useWords } from "@/words";

export function New() {
  const { t } = useWords();
  const [params, put] = useAddress();
  const [options, setOptions] = useFacts();
  const once = useOnce();
  const methods = useKinds("train");
  const method = params.get("method") || methods[0] || "";
  const [model, data, valid] = [params.get("model") ?? "", params.get("data") ?? "", params.get("valid") ?? ""];
  const name = (params.get("name") ?? "").trim();
  const config = { model_id: model, name, method, options: options as never };
  const start = async () => {
    const id = await once(config, async () => (await told(api.POST("/api/v1/train/configs", { body: config }))).config.id);
    const body = { train_config_id: id, train_dataset_version_id: data, name, ...(valid && { valid_dataset_version_id: valid }) };
    return `/training/${(await told(api.POST("/api/v1/train/tasks", { body }))).train_task.id}`;
  };
  return (
    <Begin
      title={t("training.new")}
      lead={t("training.new_lead")}
      crumbs={[{ to: "/training", name: t("training.title") }]}
      code={{ verb: "POST", path: "/train/configs", body: config }}
      label={t("training.new_start")}
      ready={!!(model && data && name && method)}
      start={start}
    >
      <ChooseModel id="model" label={t("training.model")} value={model} change={(next) => put({ model: next })} />
      <NameField how={t("training.new_name_how")} />
      <ChooseData id="data" label={t("training.new_data")} value={data} change={(next) => put({ data: next })} />
      <ChooseData id="valid" label={t("training.new_valid")} value={valid} change={(next) => put({ valid: next })} why={t("training.new_valid_how")} clear />
      {methods.length > 1 && (
        <Choice id="method" label={t("training.method")} value={method} change={(next) => put({ method: next, options: "" })} loading={false} options={methods.map((each) => ({ value: each, label: each }))} />
      )}
      <h2>{t("parts.options")}</h2>
      {method && <OptionFields id="train" kind={`train.${method}`} value={options} change={setOptions} />}
    </Begin>
  );
}
