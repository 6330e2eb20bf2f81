/** What the pages of prompts ask. */
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { Prompt, PromptVersion } from "@/api/types";

export const usePrompts = (prefix = "") =>
  useListed<Prompt>(["prompts", prefix], async (page) => {
    const answer = await told(api.GET("/api/v1/eval/prompts", { params: { query: { ...page, ...(prefix && { name_prefix: prefix }) } } }));
    return { rows: answer.prompts ?? [], next: answer.next_cursor ?? null };
  });

export const useVersions = (id: string) =>
  useListed<PromptVersion>(["prompt", id, "versions"], async (page) => {
    const answer = await told(api.GET("/api/v1/eval/prompts/{prompt_id}/versions", { params: { path: { prompt_id: id }, query: page } }));
    return { rows: answer.prompt_versions ?? [], next: answer.next_cursor ?? null };
  });

export const labelsOf = (prompt: Pick<Prompt, "labels">): [string, number][] => Object.entries(prompt.labels).map(([label, number]) => [label, Number(number)]);
