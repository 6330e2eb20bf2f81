/** A new training run: a model, the data it learns from, and its options. */
import { api, told } from "@/api/client";
import { useAddress } from "@/parts/address";
import { Begin, NameField, useFacts, useOnce } from "@/parts/Begin";
import { Choice, ChooseData, ChooseModel, ChooseVersion } from "@/parts/Choose";
import { OptionFields, useMethods } from "@/parts/Options";
import { Quote } from "@/parts/Quote";
import { useWords } from "@/words";
import { trained } from "../evaluation/New";

export function New() {
  const { t } = useWords();
  const [params, put] = useAddress();
  const [options, setOptions] = useFacts();
  const once = useOnce();
  const methods = useMethods();
  const method = params.get("method") || Object.keys(methods)[0] || "";
  const { takes = "", tunes = false } = methods[method] ?? {};
  const [model, data, valid] = [params.get("model") ?? "", params.get("data") ?? "", params.get("valid") ?? ""];
  const name = (params.get("name") ?? "").trim();
  const [of, base] = [params.get("of") || model, tunes ? (params.get("base") ?? "") : ""];
  const config = { model_id: model, name, method, options: options as never, ...(base && { base_version_id: base }) };
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
      ready={!!(model && data && name && method && (base || !tunes))}
      start={start}
    >
      <ChooseModel id="model" label={t("training.model")} value={model} change={(next) => put({ model: next })} />
      <NameField how={t("training.new_name_how")} />
      <Choice
        id="method"
        label={t("training.method")}
        value={method}
        change={(next) => put({ method: next, options: "" })}
        loading={false}
        options={Object.entries(methods).map(([value, { title }]) => ({ value, label: `${value} · ${title}` }))}
      />
      {tunes && (
        <div className="pair">
          <ChooseModel id="of" label={t("training.new_base")} value={of} change={(next) => put({ of: next, base: "" })} why={t("training.new_base_how")} />
          <ChooseVersion id="base" label={t("parts.version")} model={of} usable={trained} value={base} change={(next) => put({ base: next })} />
        </div>
      )}
      <ChooseData id="data" label={t("training.new_data")} value={data} change={(next) => put({ data: next })} why={t("training.new_data_how", { kind: takes })} />
      <ChooseData id="valid" label={t("training.new_valid")} value={valid} change={(next) => put({ valid: next })} why={t("training.new_valid_how")} clear />
      <h2>{t("parts.options")}</h2>
      {method && <OptionFields id="train" kind={`train.${method}`} value={options} change={setOptions} />}
      <Quote options={options} />
    </Begin>
  );
}
