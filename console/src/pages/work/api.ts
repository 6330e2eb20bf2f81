/** What the pages of people's work ask, of whichever service has the work: both answer the same verbs in the same words. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { CALM, type whileOpen } from "@/api/live";
import type { Annotation, Facts, MyTask, Work } from "@/api/types";
import type { Body } from "./template";

/** Whose work it is, as its routes begin. */
export type Service = "datasets" | "eval";

/** A route of people's work; the document has it under datasets with the very same types. */
export const route = <Rest extends string>(of: Service, rest: Rest) => `/api/v1/${of}${rest}` as `/api/v1/datasets${Rest}`;

/** Where its templates are. */
export const templatesOf = (of: Service) => (of === "eval" ? "/templates/eval" : "/templates");

interface Waiting {
  tasks: MyTask[];
  /** What did not answer, by its name, with why. */
  missing: Record<string, { message: string }>;
}

export const useMyWork = () => useQuery({ queryKey: ["my-work"], refetchInterval: CALM, queryFn: async () => (await told(api.GET("/api/v1/my-work"))) as Waiting });

async function arranged(of: Service, id: string): Promise<Annotation> {
  const params = { path: { task_id: id } };
  if (of === "eval") return (await told(api.GET("/api/v1/eval/tasks/{task_id}/rating", { params }))).rating as Annotation;
  return (await told(api.GET("/api/v1/datasets/tasks/{task_id}/annotation", { params }))).annotation as Annotation;
}

/** What a task asks of people, and how far they are. again: how long until it is asked anew. */
export const useArranged = (of: Service, id: string, again: Again = false) => useQuery({ queryKey: ["arranged", of, id], refetchInterval: again, queryFn: () => arranged(of, id) });

type Again = ReturnType<typeof whileOpen<Annotation>> | false;

export const bodyOf = (template: { body: Facts } | undefined): Body => ({ fields: [], ...(template?.body as Partial<Body> | undefined) });

export interface Claimed {
  work: Work[];
  why: string;
}

export async function claim(of: Service, id: string, inspects: boolean, want: number): Promise<Claimed> {
  const params = { path: { task_id: id } };
  const found = inspects
    ? await told(api.POST(route(of, "/tasks/{task_id}/claim-inspection"), { params, body: { want } }))
    : await told(api.POST(route(of, "/tasks/{task_id}/claim"), { params, body: { want } }));
  return { work: (found.work ?? []) as Work[], why: found.why };
}

const at = (id: string) => ({ path: { id } });

export const submit = async (of: Service, id: string, answer: Facts, note: string) =>
  (await told(api.POST(route(of, "/work/{id}/submit"), { params: at(id), body: { answer: answer as never, ...(note && { note }) } }))).work as Work;

export const keep = async (of: Service, id: string, draft: Facts) => (await told(api.PUT(route(of, "/work/{id}/draft"), { params: at(id), body: { draft: draft as never } }))).work as Work;

export const skip = async (of: Service, id: string, reason: string) => told(api.POST(route(of, "/work/{id}/skip"), { params: at(id), body: { reason } }));

export const release = async (of: Service, id: string) => told(api.POST(route(of, "/work/{id}/release"), { params: at(id), body: {} }));

export const undo = async (of: Service, id: string) => (await told(api.POST(route(of, "/work/{id}/undo"), { params: at(id), body: {} }))).work as Work;

export type Verdict = "ACCEPT" | "CORRECT" | "REJECT" | "SET_ASIDE";

export const decide = async (of: Service, id: string, verdict: Verdict, more: { answer?: Facts; reason?: string }) =>
  told(api.POST(route(of, "/work/{id}/decide"), { params: at(id), body: { verdict, ...(more as object) } as never }));
