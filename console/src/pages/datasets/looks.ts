/** Looks before the work: what an import would read, what rules would do, what a version looks like. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ApiError, told } from "@/api/client";
import type { CleaningSample, Facts, FieldSummary } from "@/api/types";

export interface ImportOptions {
  format?: string;
  delimiter?: string;
  shape?: string;
  sections?: boolean;
  columns?: Record<string, string> | undefined;
  keep_good_rows?: boolean;
}

export interface ImportSample {
  files: { file: string; bytes: string; format: string; delimiter: string; encoding: string; columns: string[]; first_values: Record<string, string>; shape?: string; shape_signs?: string[] }[];
  rows: { row: string; record?: Facts; reason?: string; column?: string; excerpt?: string }[];
  suggested: Record<string, string>;
  whole: boolean;
}

export interface Rule {
  rule: string;
  options: Facts;
}

/** A busy or slow look is asked for again; a refusal is shown. */
const again = (count: number, error: Error) => count < 3 && error instanceof ApiError && error.problem.retryable === true;

export const useImportPreview = (path: string, options: ImportOptions) =>
  useQuery({
    queryKey: ["import-preview", path, options],
    placeholderData: keepPreviousData,
    retry: again,
    queryFn: async () => {
      const body = { config: { paths: [path], options: { ...options } } as never, rows: 20 };
      return (await told(api.POST("/api/v1/datasets/import-preview", { body }))) as unknown as ImportSample;
    },
  });

export const useCleaningPreview = (version: string, rules: Rule[], records: number) =>
  useQuery({
    queryKey: ["clean-preview", version, rules, records],
    placeholderData: keepPreviousData,
    retry: again,
    enabled: rules.length > 0,
    queryFn: async () => {
      const asked = { params: { path: { dataset_version_id: version } }, body: { config: { rules } as never, records } };
      return (await told(api.POST("/api/v1/datasets/versions/{dataset_version_id}/clean-preview", asked))) as CleaningSample;
    },
  });

export const useSummary = (version: string) =>
  useQuery({
    queryKey: ["version-summary", version],
    staleTime: Infinity, // a version never changes
    queryFn: async () => {
      const found = await told(api.GET("/api/v1/datasets/versions/{dataset_version_id}/summary", { params: { path: { dataset_version_id: version } } }));
      return { records: Number(found.records), whole: found.whole, fields: (found.fields ?? []) as FieldSummary[] };
    },
  });
