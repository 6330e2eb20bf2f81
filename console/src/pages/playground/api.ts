/** The door of applications, as a person tries it: one question, the answer as it comes, and who gave it. */
import createClient from "openapi-fetch";
import { ApiError, send } from "@/api/client";
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
  const answered = {
    version: response.headers.get("x-modelyard-model-version") ?? "",
    digest: response.headers.get("x-modelyard-digest") ?? "",
    request: response.headers.get("x-request-id") ?? "",
  };
  if (!data) throw refused(error, response.status, answered.request);
  for await (const event of serverEvents(data as unknown as ReadableStream<Uint8Array>)) {
    if (event.data === "[DONE]") break;
    const piece = JSON.parse(event.data) as { choices?: { delta?: { content?: string } }[]; error?: ApiProblem };
    if (piece.error) throw refused(piece, 502, answered.request);
    tell(piece.choices?.[0]?.delta?.content ?? "");
  }
  return answered;
}

function refused(error: unknown, status: number, request: string): ApiError {
  const known = (error as { error?: Partial<ApiProblem> } | undefined)?.error;
  return new ApiError({ code: status, reason: known?.reason ?? "NO_ANSWER", message: known?.message ?? "", request_id: known?.request_id ?? request }, status);
}
