/** Liveness, in one place: how fresh a question's answer is kept, and the stream of a running task. A change feed will replace the first. */
import { useEffect, useRef } from "react";
import { api } from "./client";

/** Milliseconds until an open page asks again; a hidden window does not ask. */
export const FRESH = 3_000;
export const CALM = 15_000;

type Domain = "datasets" | "train" | "eval";
export type LiveEvent = { event: string; data: unknown };

/** The events of a task while it runs. Connects again after a cut, until the task has ended. */
export function useTaskEvents(domain: Domain, id: string, running: boolean, onEvent: (event: LiveEvent) => void): void {
  const handler = useRef(onEvent);
  handler.current = onEvent;
  useEffect(() => {
    if (!running) return;
    const stop = new AbortController();
    void follow(domain, id, stop.signal, (event) => handler.current(event));
    return () => stop.abort();
  }, [domain, id, running]);
}

async function follow(domain: Domain, id: string, signal: AbortSignal, tell: (event: LiveEvent) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await api.GET(`/api/v1/${domain}/tasks/{id}/live`, { params: { path: { id } }, parseAs: "stream", signal });
      if (answer.data && (await read(answer.data as unknown as ReadableStream<Uint8Array>, tell))) return;
    } catch {
      // cut: asked again below
    }
    await new Promise((go) => setTimeout(go, 1_000));
  }
}

/** Says whether the stream told of the end. */
async function read(body: ReadableStream<Uint8Array>, tell: (event: LiveEvent) => void): Promise<boolean> {
  for await (const { event, data } of serverEvents(body)) {
    tell({ event, data: JSON.parse(data) });
    if (event === "end") return true;
  }
  return false;
}

export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value.replaceAll("\r\n", "\n")).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const lines = block.split("\n");
        const named = lines.find((line) => line.startsWith("event:"))?.slice(6).trim() ?? "message";
        const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
        if (data.length) yield { event: named, data: data.join("\n") };
      }
    }
  } finally {
    void reader.cancel();
  }
}
