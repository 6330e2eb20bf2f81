/** A new work order: which version goes where, by which evaluation it is judged on the way, and how it takes over the traffic. */
import { useQuery } from "@tanstack/react-query";
import { Input } from "antd";
import { api, told } from "@/api/client";
import { useAddress } from "@/parts/address";
import { Begin, NameField, useFacts, useOnce } from "@/parts/Begin";
import { Choice, ChooseModel, ChooseVersion } from "@/parts/Choose";
import { OptionFields } from "@/parts/Options";
import { useWords } from "@/words";
import { trained } from "../evaluation/New";

export function New() {
  const { t } = useWords();
  const [params, put] = useAddress();
  const [options, setOptions] = useFacts();
  const once = useOnce();
  const [model, version, judged] = [params.get("model") ?? "", params.get("version") ?? "", params.get("judged") ?? ""];
  const [environment, room] = [params.get("environment") ?? "", params.get("room") ?? ""];
  const name = (params.get("name") ?? "").trim();
  const configs = useQuery({
    queryKey: ["choose", "eval-configs", model],
    enabled: !!model,
    queryFn: async () => (await told(api.GET("/api/v1/eval/configs", { params: { query: { model_id: model, limit: 100 } } }))).configs ?? [],
  });
  const config = { model_id: model, name, ...(environment && { environment }), ...(room && { room }), config: { ...options, eval_config_id: judged } as never };
  const start = async () => {
    const id = await once(config, async () => (await told(api.POST("/api/v1/deploy/configs", { body: config }))).config.id);
    return `/orders/${(await told(api.POST("/api/v1/deploy/work-orders", { body: { deployment_config_id: id, model_version_id: version, name } }))).work_order.id}`;
  };
  return (
    <Begin
      title={t("release.new")}
      lead={t("release.new_lead")}
      crumbs={[{ to: "/orders", name: t("release.orders") }]}
      code={{ verb: "POST", path: "/deploy/configs", body: config }}
      label={t("release.new_start")}
      ready={!!(model && version && judged && name)}
      start={start}
    >
      <ChooseModel id="model" label={t("release.model")} value={model} change={(next) => put({ model: next, version: "", judged: "" })} />
      <ChooseVersion id="version" label={t("release.version")} model={model} usable={trained} value={version} change={(next) => put({ version: next })} />
      <NameField how={t("release.new_name_how")} />
      <Choice
        id="judged"
        label={t("release.judged")}
        value={judged}
        change={(next) => put({ judged: next })}
        loading={configs.isFetching}
        options={(configs.data ?? []).map((each) => ({ value: each.id ?? "", label: each.name ?? "" }))}
        why={t(model && configs.data?.length === 0 ? "release.judged_none" : "release.judged_how")}
      />
      <div className="pair">
        <Where id="environment" label={t("release.environment")} standard="prod" />
        <Where id="room" label={t("release.room")} standard="local" />
      </div>
      <h2>{t("parts.options")}</h2>
      <OptionFields id="deploy" kind="deploy.deployment" value={options} change={setOptions} without={["eval_config_id"]} />
    </Begin>
  );
}

function Where({ id, label, standard }: { id: "environment" | "room"; label: string; standard: string }) {
  const [params, put] = useAddress();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Input id={id} value={params.get(id) ?? ""} placeholder={standard} maxLength={40} onChange={(event) => put({ [id]: event.target.value.trim() })} />
    </div>
  );
}
