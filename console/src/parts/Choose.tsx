/** Choosing a model, one of its versions, a dataset version: by name, with what tells them apart. */
import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { useWords } from "@/words";

const FIRST = 100; // offered; more are found by typing how a name begins

interface Props {
  id: string;
  label: string;
  value: string;
  change: (value: string) => void;
  why?: string;
}

interface Offered extends Props {
  options: { value: string; label: string }[];
  loading: boolean;
  /** What was typed, where the platform looks; otherwise what is offered is filtered here. */
  seek?: (text: string) => void;
  clear?: boolean;
}

export function Choice({ id, label, value, change, why, options, loading, seek, clear = false }: Offered) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        className="wide"
        showSearch={seek ? { filterOption: false, onSearch: seek } : { optionFilterProp: "label" }}
        allowClear={clear}
        loading={loading}
        value={value || undefined}
        onChange={(next: string | undefined) => change(next ?? "")}
        options={options}
      />
      {why && <p className="why">{why}</p>}
    </div>
  );
}

export function ChooseModel(props: Props) {
  const [text, seek] = useState("");
  const found = useQuery({
    queryKey: ["choose", "models", text],
    placeholderData: (before) => before,
    queryFn: async () => (await told(api.GET("/api/v1/models", { params: { query: { limit: FIRST, ...(text && { name_prefix: text }) } } }))).projects ?? [],
  });
  const one = useQuery({
    queryKey: ["choose", "model", props.value],
    enabled: !!props.value,
    queryFn: async () => (await told(api.GET("/api/v1/models/{id}", { params: { path: { id: props.value } } }))).project,
  });
  const offered = (found.data ?? []).map((each) => ({ value: each.id ?? "", label: each.name ?? "" }));
  if (one.data && !offered.some((each) => each.value === one.data.id)) offered.unshift({ value: one.data.id, label: one.data.name });
  return <Choice {...props} seek={seek} loading={found.isFetching} options={offered} />;
}

/** usable: whether there is something in a version to work with. */
export function ChooseVersion({ model, usable, ...props }: Props & { model: string; usable: (status: string) => boolean }) {
  const { word } = useWords();
  const found = useQuery({
    queryKey: ["choose", "versions", model],
    enabled: !!model,
    queryFn: async () => (await told(api.GET("/api/v1/models/{project_id}/versions", { params: { path: { project_id: model }, query: { limit: FIRST } } }))).model_versions ?? [],
  });
  const offered = (found.data ?? []).filter((each) => usable(each.status ?? "")).map((each) => ({ value: each.id ?? "", label: `v${each.number} · ${word("version", each.status ?? "")}` }));
  return <Choice {...props} loading={found.isFetching} options={offered} />;
}

/** A dataset, then one of its versions; ``value`` is the version. */
export function ChooseData({ id, label, value, change, why, clear = false }: Props & { clear?: boolean }) {
  const { t, num, word } = useWords();
  const [text, seek] = useState("");
  const [chosen, choose] = useState("");
  const one = useQuery({
    queryKey: ["dataset-version", value],
    enabled: !!value,
    queryFn: async () => (await told(api.GET("/api/v1/datasets/versions/{id}", { params: { path: { id: value } } }))).dataset_version,
  });
  const dataset = chosen || (value && one.data?.dataset_id) || "";
  const named = useQuery({
    queryKey: ["dataset", dataset],
    enabled: !!dataset,
    queryFn: async () => (await told(api.GET("/api/v1/datasets/{id}", { params: { path: { id: dataset } } }))).dataset,
  });
  const datasets = useQuery({
    queryKey: ["choose", "datasets", text],
    placeholderData: (before) => before,
    queryFn: async () => (await told(api.GET("/api/v1/datasets", { params: { query: { limit: FIRST, ...(text && { name_prefix: text }) } } }))).datasets ?? [],
  });
  const versions = useQuery({
    queryKey: ["choose", "data", dataset],
    enabled: !!dataset,
    queryFn: async () => (await told(api.GET("/api/v1/datasets/{dataset_id}/versions", { params: { path: { dataset_id: dataset }, query: { limit: FIRST } } }))).dataset_versions ?? [],
  });
  const offered = (datasets.data ?? []).map((each) => ({ value: each.id ?? "", label: each.name ?? "" }));
  if (named.data && !offered.some((each) => each.value === dataset)) offered.unshift({ value: dataset, label: named.data.name });
  const parts = (versions.data ?? []).map((each) => ({
    value: each.id ?? "",
    label: [`v${each.number}`, word("part", each.part), t("parts.records", { count: num(Number(each.records)) })].join(" · "),
  }));
  const start = (next: string) => {
    choose(next);
    change("");
  };
  return (
    <div className="pair">
      <Choice id={`${id}-dataset`} label={label} value={dataset} change={start} seek={seek} loading={datasets.isFetching} options={offered} clear={clear} {...(why && { why })} />
      <Choice id={id} label={t("parts.version")} value={value} change={change} loading={versions.isFetching} options={parts} clear={clear} />
    </div>
  );
}
