/** What the dataset pages ask. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { FRESH, whileOpen } from "@/api/live";
import { useListed, type Listed } from "@/api/pages";
import type { Dataset, DatasetTask, DatasetVersion, Dropped, Facts } from "@/api/types";

export const useDatasets = (prefix: string) =>
  useListed<Dataset>(["datasets", prefix], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets", { params: { query: { ...page, ...(prefix && { name_prefix: prefix }) } } }));
    return { rows: answer.datasets ?? [], next: answer.next_cursor ?? null };
  });

export const useDataset = (id: string, enabled = true) =>
  useQuery({
    queryKey: ["dataset", id],
    enabled,
    queryFn: async () => (await told(api.GET("/api/v1/datasets/{id}", { params: { path: { id } } }))).dataset,
  });

export const useVersions = (id: string) =>
  useListed<DatasetVersion>(["dataset", id, "versions"], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets/{dataset_id}/versions", { params: { path: { dataset_id: id }, query: page } }));
    return { rows: answer.dataset_versions ?? [], next: answer.next_cursor ?? null };
  });

export const useVersion = (id: string) =>
  useQuery({
    queryKey: ["dataset-version", id],
    queryFn: async () => (await told(api.GET("/api/v1/datasets/versions/{id}", { params: { path: { id } } }))).dataset_version,
  });

export const useTasks = (id: string) =>
  useListed<DatasetTask>(["dataset", id, "tasks"], async (page) => {
    const answer = await told(api.GET("/api/v1/datasets/tasks", { params: { query: { ...page, dataset_id: id } } }));
    return { rows: answer.dataset_tasks ?? [], next: answer.next_cursor ?? null };
  }, FRESH);

export const useTask = (id: string) =>
  useQuery({
    queryKey: ["dataset-task", id],
    refetchInterval: whileOpen((task) => task.finish_time === "0"),
    queryFn: async () => (await told(api.GET("/api/v1/datasets/tasks/{id}", { params: { path: { id } } }))).dataset_task,
  });

/** A record as it is kept, with its place. */
export interface Kept {
  place: number;
  record: Facts;
}

export interface Sought {
  contains: string;
  field: string;
}

export function useRecords(id: string, { contains, field }: Sought): Listed<Kept> {
  const listed = useListed<Facts>(["records", id, contains, field], async (page) => {
    const query = { ...page, ...(contains && { contains }), ...(contains && field && { field }) };
    const answer = await told(api.GET("/api/v1/datasets/versions/{dataset_version_id}/records", { params: { path: { dataset_version_id: id }, query } }));
    return { rows: (answer as { records?: Facts[] }).records ?? [], next: answer.next_cursor ?? null };
  }, false);
  return { ...listed, rows: listed.rows.map((record, index) => ({ place: index + 1, record })), all: () => numbered(listed.all()) };
}

async function* numbered(records: AsyncGenerator<Facts>): AsyncGenerator<Kept> {
  let place = 0;
  for await (const record of records) yield { place: ++place, record };
}

export const useDropped = (task: string, rule: string) =>
  useListed<Dropped>(["dropped", task, rule], async (page) => {
    const query = { ...page, ...(rule && { rule }) };
    const answer = await told(api.GET("/api/v1/datasets/tasks/{task_id}/dropped", { params: { path: { task_id: task }, query } }));
    return { rows: answer.dropped ?? [], next: answer.next_cursor ?? null };
  }, false);
