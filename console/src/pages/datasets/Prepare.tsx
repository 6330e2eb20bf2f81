/** A version with more records, made into records to train on, or cut into a part to train and a part to test. */
import { useParams } from "react-router";
import { api, told } from "@/api/client";
import { useAddress } from "@/parts/address";
import { Begin, NameField, useFacts } from "@/parts/Begin";
import { Choice } from "@/parts/Choose";
import { OptionFields, useKinds } from "@/parts/Options";
import { useKindName } from "@/pages/recipes/Steps";
import { useWords } from "@/words";
import { useDataset, useVersion } from "./api";

const SPLIT = "Train_Test_Split";

export function Prepare() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const named = useKindName();
  const version = useVersion(id).data;
  const dataset = useDataset(version?.dataset_id ?? "", !!version).data;
  const converters = useKinds("dataset", "converter");
  const texts = useKinds("dataset", "textaugmentation");
  const pictures = useKinds("dataset", "imageaugmentation");
  const recordings = useKinds("dataset", "audioaugmentation");
  const [params, put] = useAddress();
  const [options, setOptions] = useFacts();
  const kind = params.get("kind") || SPLIT;
  const name = (params.get("name") ?? "").trim() || t("datasets.prepare_of", { what: named(kind), number: version?.number ?? 0 });
  const sort = kind === SPLIT ? "split" : [...texts, ...pictures, ...recordings].includes(kind) ? "augment" : "convert";
  const works = {
    split: { type: "Splitting", sub_type: SPLIT, config: { options } },
    convert: { type: "Conversion", sub_type: "Format_Conversion", config: { converter: kind, options } },
    augment: { type: "Augmentation", sub_type: texts.includes(kind) ? "Text_Augmentation" : pictures.includes(kind) ? "Image_Augmentation" : "Audio_Augmentation", config: { augmentation: kind, options } },
  } as const;
  const hows = { split: "datasets.prepare_split_how", convert: "datasets.prepare_convert_how", augment: "datasets.prepare_augment_how" } as const;
  const body = { ...works[sort], name, input_version_id: id, config: works[sort].config as never };
  const to = `/datasets/${version?.dataset_id}/tasks`;
  const start = async () => {
    const made = await told(api.POST("/api/v1/datasets/{dataset_id}/tasks", { params: { path: { dataset_id: version?.dataset_id ?? "" } }, body }));
    return `/datasets/tasks/${made.dataset_task.id}`;
  };
  return (
    <Begin
      title={t("datasets.prepare")}
      lead={t("datasets.prepare_lead")}
      crumbs={[
        { to: "/datasets", name: t("datasets.title") },
        { to: `/datasets/${version?.dataset_id ?? ""}`, name: dataset?.name ?? t("datasets.dataset") },
        { to: `/datasets/versions/${id}`, name: `v${version?.number ?? ""}` },
      ]}
      code={{ verb: "POST", path: to, body }}
      label={t("datasets.prepare_start")}
      ready={!!version}
      start={start}
    >
      <Choice
        id="kind"
        label={t("datasets.prepare_kind")}
        value={kind}
        change={(next) => put({ kind: next, options: "" })}
        loading={!converters.length}
        options={[SPLIT, ...texts, ...pictures, ...recordings, ...converters].map((each) => ({ value: each, label: named(each) }))}
        why={t(hows[sort])}
      />
      <NameField how={t("datasets.prepare_name_how")} />
      <h2>{t("parts.options")}</h2>
      <OptionFields id="prepare" kind={`dataset.${kind}`} value={options} change={setOptions} />
    </Begin>
  );
}
