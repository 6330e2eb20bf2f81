/** The door of applications, as a person tries it: one question, the answer as it comes, and who gave it. */
import createClient from "openapi-fetch";
import { useQuery } from "@tanstack/react-query";
import { ApiError, api, send, told } from "@/api/client";
import { serverEvents } from "@/api/events";
import type { ApiProblem } from "@/api/types";

export interface Turn {
  role: "user" | "assistant";
  content: string;
}

interface Ask {
  model: string;
  messages: Turn[];
  stream: true;
  max_tokens: number;
  temperature: number;
}

/** The document describes /api/v1; this door speaks OpenAI's language. */
interface Door {
  "/v1/chat/completions": {
    post: { parameters: object; requestBody: { content: { "application/json": Ask } }; responses: { 200: { content: { "text/event-stream": string } } } };
  };
  "/v1/classify": {
    post: { parameters: object; requestBody: { content: { "application/json": { model: string; input: string } } }; responses: { 200: { content: { "application/json": Labelled } } } };
  };
  "/v1/models/{model}": {
    get: { parameters: { path: { model: string } }; responses: { 200: { content: { "application/json": { versions?: { version: number }[] } } } } };
  };
}

interface Labelled {
  data: { label: string; probability: number; probabilities: Record<string, number> }[];
}

export interface Answered {
  version: string;
  digest: string;
  request: string;
}

const door = createClient<Door>({ fetch: send });

/** Tells each piece as it comes. Raises ApiError when it was refused or broke. */
export async function ask(question: Ask, signal: AbortSignal, tell: (piece: string) => void): Promise<Answered> {
  const { data, error, response } = await door.POST("/v1/chat/completions", { body: question, parseAs: "stream", signal });
  const answered = answeredBy(response);
  if (!data) throw refused(error, response.status, answered.request);
  for await (const event of serverEvents(data as unknown as ReadableStream<Uint8Array>)) {
    if (event.data === "[DONE]") break;
    const piece = JSON.parse(event.data) as { choices?: { delta?: { content?: string } }[]; error?: ApiProblem };
    if (piece.error) throw refused(piece, 502, answered.request);
    tell(piece.choices?.[0]?.delta?.content ?? "");
  }
  return answered;
}

/** The labels of a text, the likeliest first. Raises ApiError when it was refused. */
export async function classify(model: string, input: string): Promise<{ labels: [string, number][]; by: Answered }> {
  const { data, error, response } = await door.POST("/v1/classify", { body: { model, input } });
  const by = answeredBy(response);
  if (!data) throw refused(error, response.status, by.request);
  return { labels: Object.entries(data.data[0]?.probabilities ?? {}), by };
}

/** The family of the version that answers for a project: it says what one asks of it. */
export function useFamily(project: { id: string; name: string } | undefined) {
  return useQuery({
    queryKey: ["playground", "family", project?.id],
    enabled: project !== undefined,
    queryFn: async () => {
      const { data } = await door.GET("/v1/models/{model}", { params: { path: { model: project!.name } } });
      const answers = new Set((data?.versions ?? []).map((each) => String(each.version)));
      const path = { project_id: project!.id };
      const listed = await told(api.GET("/api/v1/models/{project_id}/versions", { params: { path, query: { limit: 500 } } }));
      return listed.model_versions?.find((version) => answers.has(String(version.number)))?.family ?? "";
    },
  });
}

function answeredBy(response: Response): Answered {
  return {
    version: response.headers.get("x-modelyard-model-version") ?? "",
    digest: response.headers.get("x-modelyard-digest") ?? "",
    request: response.headers.get("x-request-id") ?? "",
  };
}

function refused(error: unknown, status: number, request: string): ApiError {
  const known = (error as { error?: Partial<ApiProblem> } | undefined)?.error;
  return new ApiError({ code: status, reason: known?.reason ?? "NO_ANSWER", message: known?.message ?? "", request_id: known?.request_id ?? request }, status);
}
