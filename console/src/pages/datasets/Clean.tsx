/** Cleaning: rules in their order with their options, and what they would do to a sample, before they do it. The rules are in the address. */
import { Button, InputNumber, Select } from "antd";
import { useEffect, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { api, told } from "@/api/client";
import type { DatasetVersion } from "@/api/types";
import { useAddress } from "@/parts/address";
import { Failure } from "@/parts/Failure";
import { Head } from "@/parts/Head";
import { OptionFields, useKinds } from "@/parts/Options";
import { useWords } from "@/words";
import { useDataset, useVersion } from "./api";
import { CleanSample } from "./CleanSample";
import { useCleaningPreview, type Rule } from "./looks";

const FIRST: Rule[] = [{ rule: "Deduplicate", options: {} }];
const SAMPLE = 200;

export function Clean() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const found = useVersion(id);
  if (found.data) return <Page version={found.data} />;
  return (
    <>
      <Head title={t("datasets.clean")} crumbs={[{ to: "/datasets", name: t("datasets.title") }]} />
      {found.error ? <Failure error={found.error} again={() => void found.refetch()} /> : <div className="bones" aria-busy="true" />}
    </>
  );
}

function read(text: string | null): Rule[] {
  try {
    return text ? (JSON.parse(text) as Rule[]) : FIRST;
  } catch {
    return FIRST; // somebody shortened the address
  }
}

/** A value once it has not changed for a moment. */
function useCalm<Value>(value: Value, milliseconds: number): Value {
  const [calm, setCalm] = useState(value);
  useEffect(() => {
    const wait = setTimeout(() => setCalm(value), milliseconds);
    return () => clearTimeout(wait);
  }, [value, milliseconds]);
  return calm;
}

function Page({ version }: { version: DatasetVersion }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const dataset = useDataset(version.dataset_id);
  const [params, put] = useAddress();
  const written = params.get("rules");
  const rules = read(written);
  const count = Number(params.get("sample")) || SAMPLE;
  const calm = useCalm(written, 500);
  const looked = useCleaningPreview(version.id, read(calm), count);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (next: Rule[], sample = count) => put({ rules: JSON.stringify(next), sample: sample === SAMPLE ? "" : String(sample) });
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = { type: "Cleaning" as const, sub_type: "Custom_Cleaning" as const, name: t("datasets.clean_of", { number: version.number }), input_version_id: version.id, config: { rules } as never };
      const made = await told(api.POST("/api/v1/datasets/{dataset_id}/tasks", { params: { path: { dataset_id: version.dataset_id } }, body }));
      void navigate(`/datasets/tasks/${made.dataset_task.id}`);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  const name = dataset.data?.name ?? t("datasets.dataset");
  return (
    <>
      <Head
        title={t("datasets.clean_title", { name, number: version.number })}
        lead={t("datasets.clean_lead")}
        crumbs={[
          { to: "/datasets", name: t("datasets.title") },
          { to: `/datasets/${version.dataset_id}`, name },
          { to: `/datasets/versions/${version.id}`, name: `v${version.number}` },
        ]}
        code={{ verb: "POST", path: `/datasets/versions/${version.id}/clean-preview`, body: { config: { rules }, records: count } }}
        actions={
          <Button type="primary" onClick={() => void run()} loading={busy} disabled={!rules.length}>
            {t("datasets.clean_now")}
          </Button>
        }
      />
      {error !== null && <Failure error={error} />}
      <div className="cols half">
        <section className="card">
          <h2>{t("datasets.rules")}</h2>
          <Rules rules={rules} change={change} />
        </section>
        <section className="card" aria-live="polite">
          <h2>
            {t("datasets.sample")}
            <span className="aside">
              <label className="pick">
                {t("datasets.sample_of")} <InputNumber size="small" min={1} max={500} value={count} onChange={(value) => value && change(rules, value)} aria-label={t("datasets.sample_of")} />
              </label>
            </span>
          </h2>
          {looked.error && <Failure error={looked.error} again={() => void looked.refetch()} />}
          {rules.length === 0 && <p className="why">{t("datasets.no_rules")}</p>}
          {looked.isLoading && <div className="bones" aria-busy="true" />}
          {looked.data && rules.length > 0 && <CleanSample sample={looked.data} stale={looked.isPlaceholderData || calm !== written} />}
        </section>
      </div>
    </>
  );
}

function Rules({ rules, change }: { rules: Rule[]; change: (rules: Rule[]) => void }) {
  const { t, word } = useWords();
  const [open, setOpen] = useState(-1);
  const known = useKinds("dataset", "rule");
  const put = (at: number, rule: Rule) => change(rules.map((each, index) => (index === at ? rule : each)));
  const swap = (at: number) => {
    change(rules.map((each, index) => (index === at ? rules[at + 1]! : index === at + 1 ? rules[at]! : each)));
    setOpen(-1);
  };
  return (
    <>
      <ol className="rules">
        {rules.map((each, index) => (
          <li key={index}>
            <div className="item">
              <b>{word("rule", each.rule)}</b>
              <small>{Object.entries(each.options).map(([name, value]) => `${name}=${String(value)}`).join(", ")}</small>
              <span className="aside acts">
                <Button size="small" aria-expanded={open === index} onClick={() => setOpen(open === index ? -1 : index)} aria-label={`${t("datasets.rule_options")}: ${word("rule", each.rule)}`}>
                  {t("datasets.rule_options")}
                </Button>
                <Button size="small" disabled={index === rules.length - 1} onClick={() => swap(index)} aria-label={`${t("datasets.rule_later")}: ${word("rule", each.rule)}`}>
                  ↓
                </Button>
                <Button size="small" onClick={() => change(rules.filter((_, at) => at !== index))} aria-label={`${t("datasets.rule_remove")}: ${word("rule", each.rule)}`}>
                  ×
                </Button>
              </span>
            </div>
            {open === index && <OptionFields id={`rule-${index}`} kind={`dataset.${each.rule}`} value={each.options} change={(options) => put(index, { ...each, options })} />}
          </li>
        ))}
      </ol>
      <Select
        className="wide below"
        value={null}
        placeholder={t("datasets.rule_add")}
        aria-label={t("datasets.rule_add")}
        options={known.map((rule) => ({ value: rule, label: word("rule", rule) }))}
        onChange={(rule: string | null) => rule && change([...rules, { rule, options: {} }])}
      />
    </>
  );
}
