/** What the model pages ask. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { FRESH, isLive, unlessLive } from "@/api/live";
import { useListed, type ReadPage } from "@/api/pages";
import type { ModelAlias, ModelStatus, ModelVersion, Project, StateEvent } from "@/api/types";

export const readProjects =
  (prefix: string): ReadPage<Project> =>
  async (page) => {
    const answer = await told(api.GET("/api/v1/models", { params: { query: { ...page, ...(prefix && { name_prefix: prefix }) } } }));
    return { rows: answer.projects ?? [], next: answer.next_cursor ?? null };
  };

export const useProjects = (prefix = "") => useListed(["models", prefix], readProjects(prefix));

export const restored = (id: string) => told(api.POST("/api/v1/models/{id}/restore", { params: { path: { id } }, body: {} }));

export function useStatus(id: string) {
  return useQuery({
    queryKey: ["model", id, "status"],
    refetchInterval: (query) => (isLive() && !query.state.error && !query.state.data?.missing.length ? false : FRESH),
    queryFn: async () => {
      const sent = api.GET("/api/v1/models/{id}/status", { params: { path: { id } } });
      const status = (await told(sent)) as unknown as ModelStatus;
      return { ...status, request_id: (await sent).response.headers.get("x-request-id") ?? "" };
    },
  });
}

export const useVersions = (id: string) =>
  useListed<ModelVersion>(["model", id, "versions"], async (page) => {
    const answer = await told(api.GET("/api/v1/models/{project_id}/versions", { params: { path: { project_id: id }, query: page } }));
    return { rows: answer.model_versions ?? [], next: answer.next_cursor ?? null };
  });

/** Its other names, the names it had before among them. */
export const useAliases = (id: string) =>
  useListed<ModelAlias>(["model", id, "aliases"], async (page) => {
    const answer = await told(api.GET("/api/v1/models/{project_id}/aliases", { params: { path: { project_id: id }, query: page } }));
    return { rows: answer.model_aliases ?? [], next: answer.next_cursor ?? null };
  });

const EVENTS = {
  model_project: "/api/v1/models/events",
  model_version: "/api/v1/models/events",
  train_task: "/api/v1/train/events",
  eval_task: "/api/v1/eval/events",
  work_order: "/api/v1/deploy/events",
  dataset_task: "/api/v1/datasets/events",
} as const;
export type Entity = keyof typeof EVENTS;

export async function readEvents(entity: Entity, id: string): Promise<StateEvent[]> {
  const found: StateEvent[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = { entity, entity_id: id, limit: 500, ...(cursor && { cursor }) };
    const answer: { events?: StateEvent[]; next_cursor?: string | null } = await told(api.GET(EVENTS[entity], { params: { query } }));
    found.push(...(answer.events ?? []));
    cursor = answer.next_cursor ?? null;
  }
  return found;
}

/** What happened to a model and to what works on it, newest first. */
export function useHistory(status: ModelStatus | undefined) {
  const about: [Entity, string | undefined][] = status
    ? [
        ["model_project", status.id],
        ["model_version", status.model.state === "ok" ? status.model.latest_version?.id : undefined],
        ["train_task", status.train.state === "ok" ? status.train.latest_task?.id : undefined],
        ["eval_task", status.eval.state === "ok" ? status.eval.latest_task?.id : undefined],
        ["work_order", status.deploy.state === "ok" ? status.deploy.latest_order?.id : undefined],
      ]
    : [];
  return useQuery({
    queryKey: ["model", status?.id, "history", about],
    enabled: !!status,
    refetchInterval: unlessLive(FRESH * 2),
    placeholderData: (before) => before,
    queryFn: async () => {
      const lists = await Promise.all(about.map(([entity, id]) => (id ? readEvents(entity, id).catch(() => []) : [])));
      return lists.flat().sort((a, b) => Number(b.create_time) - Number(a.create_time) || (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
    },
  });
}
