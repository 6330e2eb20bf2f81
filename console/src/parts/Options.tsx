/** Fields of a kind of work, made of what the platform says of its options: type, range, default, unit, meaning. */
import { InputNumber, Input, Select, Switch } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/api/client";
import type { Facts } from "@/api/types";
import { ChooseData } from "@/parts/Choose";
import { useWords, type Kind } from "@/words";

const SHOWN = 12; // of a list of texts

interface Option {
  type: string;
  "x-meaning"?: Record<string, string>;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  "x-unit"?: string;
}

interface Options {
  "x-group"?: string;
  "x-takes"?: string;
  "x-tunes"?: boolean;
  "x-meaning"?: Record<string, string>;
  enum?: string[];
  properties?: Record<string, Option>;
}

const readKinds = async () => ((await (await send(new Request("/api/openapi.json"))).json()) as { components: { schemas: Record<string, Options> } }).components.schemas;

/** The options of one kind, such as dataset.Strip_Html. */
export function useOptions(kind: string) {
  return useQuery({ queryKey: ["options"], staleTime: Infinity, queryFn: readKinds, select: (kinds) => kinds[`options.${kind}`]?.properties ?? {} });
}

/** The names of the kinds a domain has, of one group such as "rule" where it is named. */
export function useKinds(domain: string, group = ""): string[] {
  const found = useQuery({ queryKey: ["options"], staleTime: Infinity, queryFn: readKinds });
  const prefix = `options.${domain}.`;
  return Object.entries(found.data ?? {}).flatMap(([name, kind]) => (name.startsWith(prefix) && (!group || kind["x-group"] === group) ? [name.slice(prefix.length)] : []));
}

/** Of the training methods by name: the kind of records it learns from, whether it goes on from a model version, and what it is called. */
export function useMethods(): Record<string, { takes: string; tunes: boolean; title: string }> {
  const { language } = useWords();
  const names = useKinds("train");
  const kinds = useQuery({ queryKey: ["options"], staleTime: Infinity, queryFn: readKinds }).data ?? {};
  const known = (name: string) => kinds[`options.train.${name}`]!;
  return Object.fromEntries(
    names.map((name) => [name, { takes: known(name)["x-takes"] ?? "", tunes: known(name)["x-tunes"] ?? false, title: known(name)["x-meaning"]?.[language] ?? name }]),
  );
}

/** What a rule of the gate can be about. */
export function useFigures(): string[] {
  return useQuery({ queryKey: ["options"], staleTime: Infinity, queryFn: readKinds, select: (kinds) => kinds["metrics.figures"]?.enum ?? [] }).data ?? [];
}

interface FieldsProps {
  kind: string;
  value: Facts;
  change: (value: Facts) => void;
  id: string;
  without?: string[];
  /** Where their names are, for people who do not write programs; else each is called as the API calls it. */
  names?: Kind;
}

export function OptionFields({ kind, value, change, id, without = [], names }: FieldsProps) {
  const { language, word } = useWords();
  const found = useOptions(kind);
  if (!found.data) return <div className="bones low" aria-busy={found.isPending} />;
  const put = (name: string, next: unknown) => {
    const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
    change(next === null || next === undefined || next === "" ? rest : { ...rest, [name]: next });
  };
  return (
    <div className="options">
      {Object.entries(found.data).filter(([name]) => !without.includes(name)).map(([name, option]) => {
        const said = { id: `${id}-${name}`, label: names ? word(names, name) : name, why: option["x-meaning"]?.[language] ?? "" };
        const set = (next: unknown) => put(name, next);
        if (name.endsWith("_version_id")) return <ChooseData key={name} {...said} value={String(value[name] ?? "")} change={set} clear />;
        return <Named key={name} {...said} option={option} value={value[name]} change={set} />;
      })}
    </div>
  );
}

interface FieldProps {
  id: string;
  option: Option;
  value: unknown;
  change: (value: unknown) => void;
}

function Named({ label, why, ...field }: FieldProps & { label: string; why: string }) {
  const { word } = useWords();
  const unit = field.option["x-unit"];
  return (
    <div className="field">
      <label htmlFor={field.id}>
        {label}
        {unit && <small> {word("unit", unit)}</small>}
      </label>
      <Field {...field} />
      <p className="why">{why}</p>
    </div>
  );
}

function Field({ id, option, value, change }: FieldProps) {
  const shown = value ?? option.default;
  const standard = option.default === undefined ? "" : String(option.default);
  if (option.type === "boolean") return <Switch id={id} size="small" checked={shown === true} onChange={change} />;
  if (option.enum) return <Select id={id} className="wide" value={shown as string} options={option.enum.map((each) => ({ value: each, label: each }))} onChange={change} />;
  if (option.type === "array") return <Texts id={id} value={(shown as string[] | undefined) ?? []} change={change} />;
  if (option.type === "integer" || option.type === "number")
    return <InputNumber<number | string> id={id} className="wide" value={value as number | undefined} placeholder={standard} min={digits(option.minimum)} max={option.maximum} step={option.type === "integer" ? 1 : 0.05} onChange={change} />;
  return <Input id={id} value={(value as string | undefined) ?? ""} placeholder={standard} onChange={(event) => change(event.target.value)} />;
}

/** A long list shows its beginning until somebody goes into it. */
function Texts({ id, value, change }: { id: string; value: string[]; change: (value: unknown) => void }) {
  const [entered, enter] = useState(false);
  return (
    <Select
      id={id}
      className="wide"
      mode="tags"
      open={false}
      suffixIcon={null}
      value={value}
      {...(!entered && { maxTagCount: SHOWN })}
      onFocus={() => enter(true)}
      onChange={change}
      tokenSeparators={[","]}
    />
  );
}

/** A lower bound as the page may say it. The field writes it into aria-valuemin, where screen readers take digits only: 1e-8 is 0.00000001 there. */
const digits = (bound: number | undefined): number | string | undefined => (bound && Math.abs(bound) < 1e-6 ? bound.toFixed(20).replace(/0+$/, "") : bound);
