/** What the pages of people's work ask. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { CALM } from "@/api/live";
import type { Facts, Work } from "@/api/types";
import type { Body } from "./template";

export const useMyWork = () =>
  useQuery({ queryKey: ["my-work"], refetchInterval: CALM, queryFn: async () => (await told(api.GET("/api/v1/datasets/my-work"))).tasks ?? [] });

export const useAnnotation = (id: string) =>
  useQuery({
    queryKey: ["annotation", id],
    queryFn: async () => (await told(api.GET("/api/v1/datasets/tasks/{task_id}/annotation", { params: { path: { task_id: id } } }))).annotation,
  });

export const bodyOf = (template: { body: Facts } | undefined): Body => ({ fields: [], ...(template?.body as Partial<Body> | undefined) });

export interface Claimed {
  work: Work[];
  why: string;
}

export async function claim(id: string, inspects: boolean, want: number): Promise<Claimed> {
  const params = { path: { task_id: id } };
  const found = inspects
    ? await told(api.POST("/api/v1/datasets/tasks/{task_id}/claim-inspection", { params, body: { want } }))
    : await told(api.POST("/api/v1/datasets/tasks/{task_id}/claim", { params, body: { want } }));
  return { work: (found.work ?? []) as Work[], why: found.why };
}

const at = (id: string) => ({ path: { id } });

export const submit = async (id: string, answer: Facts, note: string) =>
  (await told(api.POST("/api/v1/datasets/work/{id}/submit", { params: at(id), body: { answer: answer as never, ...(note && { note }) } }))).work as Work;

export const keep = async (id: string, draft: Facts) => (await told(api.PUT("/api/v1/datasets/work/{id}/draft", { params: at(id), body: { draft: draft as never } }))).work as Work;

export const skip = async (id: string, reason: string) => told(api.POST("/api/v1/datasets/work/{id}/skip", { params: at(id), body: { reason } }));

export const release = async (id: string) => told(api.POST("/api/v1/datasets/work/{id}/release", { params: at(id), body: {} }));

export const undo = async (id: string) => (await told(api.POST("/api/v1/datasets/work/{id}/undo", { params: at(id), body: {} }))).work as Work;

export type Verdict = "ACCEPT" | "CORRECT" | "REJECT" | "SET_ASIDE";

export const decide = async (id: string, verdict: Verdict, more: { answer?: Facts; reason?: string }) =>
  told(api.POST("/api/v1/datasets/work/{id}/decide", { params: at(id), body: { verdict, ...(more as object) } as never }));
