/** A new grid: a test set, versions of models as columns, prompts as rows. All of it is in the address. */
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Select } from "antd";
import { useState } from "react";
import { api, told } from "@/api/client";
import { useAddress } from "@/parts/address";
import { Begin, NameField, useFacts } from "@/parts/Begin";
import { ChooseData, ChooseModel, ChooseVersion } from "@/parts/Choose";
import { OptionFields } from "@/parts/Options";
import { useWords } from "@/words";
import { trained } from "../evaluation/New";
import { usePrompts } from "../prompts/api";
import { useColumnName } from "./names";

const MOST = 40;
const listOf = (text: string | null) => (text ? text.split(",") : []);

export function New() {
  const { t } = useWords();
  const [params, put] = useAddress();
  const [options, setOptions] = useFacts();
  const [data, name] = [params.get("data") ?? "", (params.get("name") ?? "").trim()];
  const [targets, prompts, plain] = [listOf(params.get("targets")), listOf(params.get("prompts")), params.get("plain") === "yes"];
  const cells = targets.length * (prompts.length + Number(plain));
  const body = { name, dataset_version_id: data, targets: targets.map((id) => ({ model_version_id: id })), prompt_version_ids: prompts, plain, options: options as never };
  return (
    <Begin
      title={t("grids.create")}
      lead={t("grids.lead")}
      crumbs={[{ to: "/grids", name: t("grids.title") }]}
      code={{ verb: "POST", path: "/eval/grids", body }}
      label={t("grids.start", { count: cells })}
      ready={!!(name && data) && cells > 0 && cells <= MOST}
      start={async () => `/grids/${(await told(api.POST("/api/v1/eval/grids", { body }))).grid.id}`}
    >
      <NameField how={t("grids.create_how")} />
      <ChooseData id="data" label={t("grids.test_set")} value={data} change={(next) => put({ data: next })} />
      <h2>{t("grids.columns")}</h2>
      <Columns chosen={targets} change={(next) => put({ targets: next.join(",") })} />
      <h2>{t("grids.rows")}</h2>
      <Rows chosen={prompts} change={(next) => put({ prompts: next.join(",") })} />
      <Checkbox checked={plain} onChange={(event) => put({ plain: event.target.checked ? "yes" : "" })}>
        {t("grids.plain")}
      </Checkbox>
      <OptionFields id="eval" kind="eval.evaluation" value={options} change={setOptions} />
    </Begin>
  );
}

interface Chosen {
  chosen: string[];
  change: (next: string[]) => void;
}

function Columns({ chosen, change }: Chosen) {
  const { t } = useWords();
  const [model, setModel] = useState("");
  const [version, setVersion] = useState("");
  const add = () => {
    change([...chosen.filter((each) => each !== version), version]);
    setVersion("");
  };
  return (
    <>
      {chosen.map((id) => (
        <Column key={id} id={id} remove={() => change(chosen.filter((each) => each !== id))} />
      ))}
      <div className="pair">
        <ChooseModel id="model" label={t("grids.model")} value={model} change={(next) => (setModel(next), setVersion(""))} />
        <ChooseVersion id="version" label={t("grids.version")} model={model} usable={trained} value={version} change={setVersion} />
      </div>
      <Button onClick={add} disabled={!version}>
        {t("grids.add")}
      </Button>
    </>
  );
}

function Column({ id, remove }: { id: string; remove: () => void }) {
  const name = useColumnName(id);
  return (
    <p>
      <bdi>{name}</bdi>{" "}
      <Button size="small" aria-label={`× ${name}`} onClick={remove}>
        ×
      </Button>
    </p>
  );
}

/** Prompts are offered in their newest versions; one that is in the address already is kept whatever its number. */
function Rows({ chosen, change }: Chosen) {
  const { t } = useWords();
  const listed = usePrompts();
  const offered = listed.rows.map((each) => ({ value: each.prompt_version_id, label: `${each.name} v${each.newest}` }));
  const older = useOlder(chosen.filter((id) => !offered.some((each) => each.value === id)), listed.pending);
  return (
    <div className="field">
      <label htmlFor="prompts">{t("grids.prompts")}</label>
      <Select id="prompts" mode="multiple" className="wide" value={chosen} onChange={change} options={[...offered, ...older]} showSearch={{ optionFilterProp: "label" }} />
    </div>
  );
}

/** Versions that came with the address, from a grid, under the names they have there. */
function useOlder(ids: string[], wait: boolean): { value: string; label: string }[] {
  const [params] = useAddress();
  const from = params.get("of") ?? "";
  const found = useQuery({
    queryKey: ["grid", from],
    enabled: !wait && !!from && ids.length > 0,
    queryFn: async () => told(api.GET("/api/v1/eval/grids/{id}", { params: { path: { id: from } } })),
  });
  const rows = found.data?.grid.prompts ?? [];
  return ids.map((id) => {
    const row = rows.find((each) => each.prompt_version_id === id);
    return { value: id, label: row ? `${row.name} v${row.number}` : `…${id.slice(-6)}` };
  });
}
