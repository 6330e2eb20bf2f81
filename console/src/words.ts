/** What is said, in both languages: each folder's texts, the words of every state, and dates and numbers in the reader's form. */
import i18next from "i18next";
import { useMemo } from "react";
import { initReactI18next, useTranslation } from "react-i18next";
import frame from "./frame/texts.json";
import account from "./pages/account/texts.json";
import admin from "./pages/admin/texts.json";
import datasets from "./pages/datasets/texts.json";
import evaluation from "./pages/evaluation/texts.json";
import grids from "./pages/grids/texts.json";
import home from "./pages/home/texts.json";
import knowledge from "./pages/knowledge/texts.json";
import models from "./pages/models/texts.json";
import playground from "./pages/playground/texts.json";
import prompts from "./pages/prompts/texts.json";
import recipes from "./pages/recipes/texts.json";
import release from "./pages/release/texts.json";
import resources from "./pages/resources/texts.json";
import templates from "./pages/templates/texts.json";
import training from "./pages/training/texts.json";
import work from "./pages/work/texts.json";
import parts from "./parts/texts.json";
import states from "./texts/states.json";

const folders = { frame, parts, account, home, work, templates, models, datasets, recipes, training, evaluation, prompts, grids, release, playground, knowledge, resources, admin };
type Folders = typeof folders;
export type Key = { [Folder in keyof Folders]: `${Folder}.${Extract<keyof Folders[Folder], string>}` }[keyof Folders];
export type Kind = keyof typeof states;
export type Language = "en" | "zh";

const LANGUAGES = ["en", "zh"] as const;
const STORED = "modelyard.language";

type Pairs = Record<string, string[]>;
const side = (pairs: Pairs, at: number) => Object.fromEntries(Object.entries(pairs).map(([key, pair]) => [key, pair[at]]));
const everything = (at: number) => ({
  ...Object.fromEntries(Object.entries(folders).map(([name, pairs]) => [name, side(pairs as Pairs, at)])),
  states: Object.fromEntries(Object.entries(states).map(([kind, pairs]) => [kind, side(pairs as Pairs, at)])),
});

export function startWords(): void {
  const known = localStorage.getItem(STORED) ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
  void i18next.use(initReactI18next).init({
    lng: LANGUAGES.find((each) => each === known) ?? "en",
    resources: { en: { translation: everything(0) }, zh: { translation: everything(1) } },
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  mark();
}

function mark(): void {
  document.documentElement.lang = i18next.language === "zh" ? "zh-CN" : "en";
}

export function speak(language: Language): void {
  localStorage.setItem(STORED, language);
  void i18next.changeLanguage(language);
  mark();
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** Everything a component says. */
export function useWords() {
  const { t: translate, i18n } = useTranslation();
  const language: Language = i18n.language === "zh" ? "zh" : "en";
  return useMemo(() => {
    const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    const absolute = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "medium" });
    return {
      language,
      t: (key: Key, values: Record<string, unknown> = {}): string => translate(key, values),
      /** The word of a state of the contract; a newer service's is shown as it came. */
      word: (kind: Kind, value: string): string => translate(`states.${kind}.${value}`, { defaultValue: value }),
      /** A measure of an evaluation, with what it is of: `exact_match.low`, `exact_match.zh`. */
      metric: (name: string): string =>
        name
          .split(".")
          .map((part) => translate(`states.metric.${part}`, { defaultValue: part }))
          .join(language === "zh" ? "，" : ", "),
      num: (value: number, digits = 0): string =>
        new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value),
      /** A score: always three places, so that columns and cards compare. */
      score: (value: number): string => new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(value),
      percent: (share: number, digits = 0): string =>
        new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(share),
      bytes: (value: number): string => {
        const step = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.max(1, value)) / 10)));
        return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value / 1024 ** step)} ${["B", "KiB", "MiB", "GiB", "TiB"][step]}`;
      },
      at: (milliseconds: number): string => absolute.format(milliseconds),
      /** Today's times as the clock shows them, others with their day. */
      clock: (milliseconds: number): string => {
        const day = new Date(milliseconds).toDateString() === new Date().toDateString() ? {} : ({ month: "2-digit", day: "2-digit" } as const);
        return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(milliseconds);
      },
      ago: (milliseconds: number, now = Date.now()): string => {
        const [unit, size] = STEPS.find(([, each]) => Math.abs(now - milliseconds) >= each) ?? STEPS[3]!;
        return relative.format(Math.round((milliseconds - now) / size), unit);
      },
      lasting: (milliseconds: number): string => {
        const [unit, size] = STEPS.find(([, each]) => milliseconds >= each) ?? STEPS[3]!;
        const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: unit === "second" ? 0 : 1 } as const;
        return new Intl.NumberFormat(language, style).format(milliseconds / size);
      },
    };
  }, [language, translate]);
}

export type Words = ReturnType<typeof useWords>;
