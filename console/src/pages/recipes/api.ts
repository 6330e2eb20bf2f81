/** What the recipe pages ask. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ApiError, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { Dropped, Facts, Ledger, Recipe, SampledChange } from "@/api/types";

export interface Step {
  kind: string;
  options: Facts;
}

export interface PlanSample {
  preview: string;
  steps: { kind: string; ledger: Ledger; changed: string; problem: string }[];
  dropped: Dropped[];
  changed: SampledChange[];
  made: Facts[];
  records: string;
  whole: boolean;
}

/** The steps of a plan as the platform keeps it. */
export const stepsOf = (plan: Facts | undefined) => ((plan as { steps?: Step[] } | undefined)?.steps ?? []).map((each) => ({ kind: each.kind, options: each.options ?? {} }));

export const useRecipes = (prefix: string) =>
  useListed<Recipe>(["recipes", prefix], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets/recipes", { params: { query: { ...page, ...(prefix && { name_prefix: prefix }) } } }));
    return { rows: answer.recipes ?? [], next: answer.next_cursor ?? null };
  });

export const useRecipe = (id: string) =>
  useQuery({
    queryKey: ["recipe", id],
    enabled: !!id,
    queryFn: async () => (await told(api.GET("/api/v1/datasets/recipes/{id}", { params: { path: { id } } }))).recipe,
  });

/** A busy or slow look is asked for again; a refusal is shown. */
const again = (count: number, error: Error) => count < 3 && error instanceof ApiError && error.problem.retryable === true;

export const usePlanSample = (version: string, steps: Step[], records: number) =>
  useQuery({
    queryKey: ["recipe-preview", version, steps, records],
    placeholderData: keepPreviousData,
    retry: again,
    enabled: !!version && steps.length > 0,
    queryFn: async () => {
      const asked = { params: { path: { dataset_version_id: version } }, body: { plan: { steps } as never, records } };
      return (await told(api.POST("/api/v1/datasets/versions/{dataset_version_id}/recipe-preview", asked))) as unknown as PlanSample;
    },
  });
