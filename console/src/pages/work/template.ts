/** A template as the platform keeps it, and what follows from it for the answer that is being given. */
import type { Facts } from "@/api/types";

export interface Label {
  value: string;
  title?: string;
  key?: string;
  color?: string;
}

export interface Asked {
  name: string;
  kind: "choice" | "choices" | "text" | "scale";
  title?: string;
  required?: boolean;
  at_least?: number | null;
  at_most?: number | null;
  prefill?: string;
  labels?: Label[];
  when?: { field: string; values: string[] };
}

export interface Body {
  instructions?: string;
  examples?: { record: Facts; answer: Facts; note?: string }[];
  fields: Asked[];
}

export const titleOf = (field: Asked) => field.title || field.name;
export const nameOf = (label: Label) => label.title || label.value;

/** Whether a field is asked beside what is answered. */
export function isAsked(field: Asked, answer: Facts): boolean {
  if (!field.when) return true;
  const said = answer[field.when.field];
  const given = Array.isArray(said) ? said : said === undefined ? [] : [said];
  return given.some((value) => field.when?.values.includes(String(value)));
}

/** The fields that are asked now, one after the other: what depends on a field that is not asked is not asked either. */
export function askedNow(body: Body, answer: Facts): Asked[] {
  const told: Facts = {};
  return body.fields.filter((field) => {
    if (!isAsked(field, told)) return false;
    if (answer[field.name] !== undefined) told[field.name] = answer[field.name];
    return true;
  });
}

/** An answer as it may be sent: without what is not asked, and without what is empty. */
export function trimmed(body: Body, answer: Facts): Facts {
  const asked = askedNow(body, answer);
  return Object.fromEntries(asked.flatMap((field) => (isEmpty(answer[field.name]) ? [] : [[field.name, answer[field.name]]])));
}

const isEmpty = (value: unknown) => value === undefined || value === null || (typeof value === "string" && !value.trim()) || (Array.isArray(value) && !value.length);

/** The first field that must be answered and is not. */
export const lacking = (body: Body, answer: Facts): Asked | undefined => askedNow(body, answer).find((field) => field.required !== false && isEmpty(answer[field.name]));

/** What an item's answer begins with: a draft, or what its record has already. */
export function beginning(body: Body, content: Facts, draft: Facts): Facts {
  if (Object.keys(draft).length) return draft;
  return Object.fromEntries(body.fields.flatMap((field) => (field.prefill && !isEmpty(content[field.prefill]) ? [[field.name, content[field.prefill]]] : [])));
}

/** The label that a key chooses, among the fields that are asked. */
export function labelOf(body: Body, answer: Facts, key: string): { field: Asked; label: Label } | undefined {
  for (const field of askedNow(body, answer)) {
    const label = field.labels?.find((each) => each.key === key);
    if (label) return { field, label };
  }
  return undefined;
}

const MOST_STEPS = 10; // of a scale whose numbers stand side by side

/** The numbers of a scale that is short enough to be chosen from; none where it is typed. */
export function stepsOf(field: Asked): number[] {
  const [low, high] = [field.at_least ?? 1, field.at_most ?? 5];
  return high - low < MOST_STEPS ? Array.from({ length: high - low + 1 }, (_, step) => low + step) : [];
}

/** The scale whose number a key is: the first that is asked. */
export function scaleOf(body: Body, answer: Facts, key: string): { field: Asked; value: number } | undefined {
  if (!/^[0-9]$/.test(key)) return undefined;
  const field = askedNow(body, answer).find((each) => each.kind === "scale" && stepsOf(each).includes(Number(key)));
  return field && { field, value: Number(key) };
}

/** The answer once a label is chosen: of a choice in place of the other, of choices beside them, or away. */
export function chosen(answer: Facts, field: Asked, value: string): Facts {
  if (field.kind === "choice") return { ...answer, [field.name]: value };
  const before = (answer[field.name] as string[] | undefined) ?? [];
  return { ...answer, [field.name]: before.includes(value) ? before.filter((each) => each !== value) : [...before, value] };
}
