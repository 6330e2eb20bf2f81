/** The steps of a plan in their order, each with its options; a split can only be the last one. */
import { Button, Select } from "antd";
import { useState } from "react";
import { OptionFields, useKinds, useOptions } from "@/parts/Options";
import { useWords } from "@/words";
import type { Step } from "./api";

const SPLIT = "Train_Test_Split";

/** Ways to make more records: of texts, of pictures, then of recordings. */
export function useAugmentations(): string[] {
  return [...useKinds("dataset", "textaugmentation"), ...useKinds("dataset", "imageaugmentation"), ...useKinds("dataset", "audioaugmentation")];
}

/** What a kind of step is called. */
export function useKindName(): (kind: string) => string {
  const { word } = useWords();
  const rules = useKinds("dataset", "rule");
  const more = useAugmentations();
  return (kind) => word(rules.includes(kind) ? "rule" : more.includes(kind) ? "more" : "prepare", kind);
}

export function Steps({ steps, change }: { steps: Step[]; change: (steps: Step[]) => void }) {
  const { t } = useWords();
  const named = useKindName();
  const [open, setOpen] = useState(-1);
  const kinds = [...useKinds("dataset", "rule"), ...useAugmentations(), ...useKinds("dataset", "converter"), SPLIT];
  const put = (at: number, step: Step) => change(steps.map((each, index) => (index === at ? step : each)));
  const swap = (at: number) => {
    change(steps.map((each, index) => (index === at ? steps[at + 1]! : index === at + 1 ? steps[at]! : each)));
    setOpen(-1);
  };
  const add = (kind: string) => {
    const whole = steps.at(-1)?.kind === SPLIT ? steps.length - 1 : steps.length; // what is added comes before a split
    change([...steps.slice(0, whole), { kind, options: {} }, ...steps.slice(whole)]);
  };
  return (
    <>
      <ol className="rules">
        {steps.map((each, index) => (
          <li key={index}>
            <div className="item">
              <b>
                {index + 1}. {named(each.kind)}
              </b>
              <Said step={each} />
              <span className="aside acts">
                <Button size="small" aria-expanded={open === index} onClick={() => setOpen(open === index ? -1 : index)} aria-label={`${t("recipes.options")}: ${named(each.kind)}`}>
                  {t("recipes.options")}
                </Button>
                <Button size="small" disabled={index === steps.length - 1 || steps[index + 1]!.kind === SPLIT} onClick={() => swap(index)} aria-label={`${t("recipes.later")}: ${named(each.kind)}`}>
                  ↓
                </Button>
                <Button size="small" onClick={() => change(steps.filter((_, at) => at !== index))} aria-label={`${t("recipes.remove")}: ${named(each.kind)}`}>
                  ×
                </Button>
              </span>
            </div>
            {open === index && <OptionFields id={`step-${index}`} kind={`dataset.${each.kind}`} value={each.options} change={(options) => put(index, { ...each, options })} without={["processes"]} />}
          </li>
        ))}
      </ol>
      <Select
        className="wide below"
        value={null}
        placeholder={t("recipes.add")}
        aria-label={t("recipes.add")}
        options={kinds.filter((kind) => kind !== SPLIT || steps.at(-1)?.kind !== SPLIT).map((kind) => ({ value: kind, label: named(kind) }))}
        onChange={(kind: string | null) => kind && add(kind)}
      />
    </>
  );
}

/** The options that are not as they would be by themselves. */
function Said({ step }: { step: Step }) {
  const known = useOptions(`dataset.${step.kind}`).data ?? {};
  const own = Object.entries(step.options).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(known[name]?.default ?? null) && name !== "allow_drop_share");
  return <small>{own.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ")}</small>;
}
