/** Sends a file in parts: it can be paused, and goes on where it stopped, also after a cut or a reload with the same file. */
import { useRef, useState } from "react";
import { api, ApiError, told } from "@/api/client";
import type { Upload } from "@/api/types";

type Phase = "none" | "reading" | "sending" | "paused" | "checking" | "done" | "failed";

export interface Sending {
  phase: Phase;
  name: string;
  done: number;
  total: number;
  /** Bytes a second. */
  rate: number;
  error: unknown;
}

const NOTHING: Sending = { phase: "none", name: "", done: 0, total: 0, rate: 0, error: null };
const PART = 1 << 20;
const HASHED = 256 << 20; // larger files are hashed by the service alone: here that takes all of one in memory
const TRIES = 60; // in a row, before it gives up
const PAUSE = 1_000;

export interface Sender {
  state: Sending;
  start: (file: File) => void;
  pause: () => void;
  goOn: () => void;
  discard: () => void;
}

/** finished: what to do with a complete upload. */
export function useSender(finished: (upload: Upload) => void): Sender {
  const [state, set] = useState<Sending>(NOTHING);
  const held = useRef<{ file: File; upload: Upload | null; turn: number } | null>(null);
  const tell = (more: Partial<Sending>) => set((known) => ({ ...known, ...more }));

  const run = async () => {
    const mine = held.current;
    if (!mine) return;
    const turn = ++mine.turn;
    const stopped = () => held.current !== mine || mine.turn !== turn;
    const began = { at: performance.now(), from: 0 };
    try {
      if (!mine.upload) {
        tell({ phase: "reading", error: null });
        mine.upload = await declared(mine.file);
      }
      began.from = Number(mine.upload.received);
      tell({ phase: "sending", done: began.from, error: null });
      const done = await sent(mine.file, mine.upload, stopped, (upload) => {
        mine.upload = upload;
        const [bytes, seconds] = [Number(upload.received) - began.from, (performance.now() - began.at) / 1000];
        if (!stopped()) tell({ phase: Number(upload.received) === mine.file.size ? "checking" : "sending", done: Number(upload.received), rate: bytes / seconds });
      });
      if (done && !stopped()) {
        tell({ phase: "done", done: mine.file.size });
        finished(done);
      }
    } catch (error) {
      if (!stopped()) tell({ phase: "failed", error });
    }
  };
  return {
    state,
    start: (file) => {
      held.current = { file, upload: null, turn: 0 };
      set({ ...NOTHING, phase: "reading", name: file.name, total: file.size });
      void run();
    },
    pause: () => {
      if (held.current) held.current.turn++;
      tell({ phase: "paused", rate: 0 });
    },
    goOn: () => void run(),
    discard: () => {
      const upload = held.current?.upload;
      held.current = null;
      set(NOTHING);
      if (upload) void discarded(upload.id).catch(() => undefined);
    },
  };
}

export const discarded = (id: string) => told(api.DELETE("/api/v1/datasets/uploads/{id}", { params: { path: { id } } }));

/** Until it is complete; null when it was stopped. */
async function sent(file: File, first: Upload, stopped: () => boolean, tell: (upload: Upload) => void): Promise<Upload | null> {
  let [at, failures] = [first, 0];
  while (!stopped()) {
    const offset = Number(at.received);
    try {
      if (offset === file.size) return (await told(api.POST("/api/v1/datasets/uploads/{id}/finish", { params: { path: { id: at.id } }, body: {} }))).upload;
      at = await written(at.id, offset, file.slice(offset, offset + PART));
      failures = 0;
      tell(at);
    } catch (error) {
      if (!passing(error) || ++failures > TRIES) throw error;
      await new Promise((go) => setTimeout(go, PAUSE));
      at = await asked(at);
    }
  }
  return null;
}

const passing = (error: unknown) => error instanceof ApiError && (error.problem.retryable === true || error.problem.reason === "UPLOAD_INCOMPLETE");

async function written(id: string, offset: number, part: Blob): Promise<Upload> {
  const asked = { params: { path: { id, offset: String(offset) } }, body: part as unknown as string, bodySerializer: (body: unknown) => body as Blob };
  return (await told(api.PUT("/api/v1/datasets/uploads/{id}/parts/{offset}", { ...asked, headers: { "content-type": "application/octet-stream" } }))).upload;
}

/** How far it is; what was known where nothing answers. */
async function asked(known: Upload): Promise<Upload> {
  try {
    return (await told(api.GET("/api/v1/datasets/uploads/{id}", { params: { path: { id: known.id } } }))).upload;
  } catch (error) {
    if (passing(error)) return known;
    throw error;
  }
}

/** An unfinished one of the same file, or a new one. */
async function declared(file: File): Promise<Upload> {
  const sha256 = await hashOf(file);
  if (sha256) {
    const mine = (await told(api.GET("/api/v1/datasets/uploads", { params: { query: { limit: 100 } } }))).uploads ?? [];
    const same = mine.find((each) => each.status === "RECEIVING" && each.name === file.name && each.sha256 === sha256 && Number(each.bytes) === file.size);
    if (same) return same;
  }
  return (await told(api.POST("/api/v1/datasets/uploads", { body: { name: file.name, bytes: String(file.size), ...(sha256 && { sha256 }) } }))).upload;
}

/** "" where this browser cannot tell. */
async function hashOf(file: File): Promise<string> {
  const subtle = crypto.subtle as SubtleCrypto | undefined; // absent where the page did not come safely
  if (!subtle || file.size > HASHED) return "";
  const digest = await subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
