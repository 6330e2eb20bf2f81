/**
 * Liveness, in one place. A window has one stream of what changed; each change makes exactly the questions stale that it is about. While there
 * is no stream, open pages ask again by themselves, and the frame says so.
 */
import { useSyncExternalStore } from "react";
import type { Query, QueryClient } from "@tanstack/react-query";
import { freshSession, gaveUp, openFeed, type Feed } from "./client";
import { session, signedIn, space, useSession } from "./session";
import { patched, touched, type Change } from "./touched";

/** Milliseconds until an open page asks again, while nothing tells it of changes; a hidden window does not ask. */
export const FRESH = 3_000;
export const CALM = 15_000;
/** A beat comes every 15 s: after this long without one the stream is dead. */
const SILENT = 40_000;
/** A stream that comes back sooner was never away. */
const GRACE = 4_000;
const HIDDEN = 60_000;
const RETRY = [1_000, 2_000, 5_000, 15_000, 30_000];
/** Questions are asked anew at most this often, however much happens, and windows do not all ask at once. */
const GATHER = 700;

let questions: QueryClient | null = null;
let source: Feed | null = null;
let at = "";
const kept = () => `modelyard.feed.${session().me?.user.id ?? ""}.${of}`;
let of = "";
let live = false;
let tries = 0;
let watchdog = 0;
let grace = 0;
let hiding = 0;
let gathering = 0;
let stale = new Map<string, readonly unknown[]>();
const listeners = new Set<() => void>();
const ears = new Set<(changes: Change[]) => void>();

export const isLive = () => live;

/** Of a question: asked again by itself only while the stream is down, or while its last answer failed. */
export const unlessLive = (often: number | false) => (query: { state: { error: unknown } }) => (live && !query.state.error ? false : often);

/** The same, while what it is about goes on. */
export const whileOpen =
  <Data>(open: (data: Data) => boolean) =>
  (query: Query<Data>) =>
    query.state.error || (!live && query.state.data !== undefined && open(query.state.data)) ? FRESH : false;

export function useLive(): boolean {
  return useSyncExternalStore(listen, isLive);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What changed, as it comes; a heard change may already be known. */
export function hear(ear: (changes: Change[]) => void): () => void {
  ears.add(ear);
  return () => ears.delete(ear);
}

function say(now: boolean): void {
  window.clearTimeout(grace);
  if (live === now) return;
  live = now;
  listeners.forEach((listener) => listener());
  if (!now) void questions?.invalidateQueries(); // from here on pages ask by themselves
}

/** Called once, when the console starts. */
export function startLive(client: QueryClient): void {
  questions = client;
  document.addEventListener("visibilitychange", () => {
    window.clearTimeout(hiding);
    if (document.hidden) hiding = window.setTimeout(rest, HIDDEN);
    else if (!source && signedIn()) open();
  });
}

/** Follows who is signed in, and where. */
export function useFeed(): void {
  const { phase, space: here } = useSession();
  if (phase === "in" && (of !== here || !source)) queueMicrotask(() => here === space() && signedIn() && begin(here));
  if (phase === "out") close();
}

function begin(here: string): void {
  if (source && of === here) return;
  close();
  of = here;
  at = localStorage.getItem(kept()) ?? ""; // what happened while nobody looked is told too
  tries = 0;
  if (!document.hidden) open();
}

function open(): void {
  close();
  const opened = openFeed(of, at);
  source = opened;
  const on = (name: string, act: (data: unknown) => void) =>
    opened.addEventListener(name, (event: MessageEvent<string>) => {
      if (source !== opened) return;
      if (event.lastEventId && event.lastEventId !== at) {
        at = event.lastEventId;
        localStorage.setItem(kept(), at);
      }
      heard();
      act(JSON.parse(event.data));
    });
  const first = !at;
  on("hello", () => void (first && questions?.invalidateQueries())); // what came between the page's questions and the stream
  on("beat", () => undefined);
  on("changes", (data) => take(data as Change[]));
  on("reset", () => void questions?.invalidateQueries());
  on("service", () => void questions?.invalidateQueries());
  on("end", () => void again());
  opened.onerror = () => {
    if (source !== opened) return;
    if (gaveUp(opened)) void again();
    else doubt();
  };
  doubt();
}

/** It may be back in a moment. */
function doubt(): void {
  window.clearTimeout(grace);
  grace = window.setTimeout(() => say(false), GRACE);
}

function heard(): void {
  tries = 0;
  window.clearTimeout(watchdog);
  watchdog = window.setTimeout(() => {
    doubt();
    open();
  }, SILENT);
  say(true);
}

function close(): void {
  source?.close();
  source = null;
  window.clearTimeout(watchdog);
}

/** A hidden window lets go of its stream, and goes on where it was when it is looked at again. */
function rest(): void {
  close();
  window.clearTimeout(grace);
}

/** The stream was refused or ended: perhaps the session is over, or it may see other things now. */
async function again(): Promise<void> {
  close();
  doubt();
  if (tries > 1) at = ""; // where we were may be what is refused
  const wait = RETRY[Math.min(tries++, RETRY.length - 1)]!;
  await new Promise((go) => setTimeout(go, wait * (0.5 + Math.random())));
  if (!signedIn() || source) return;
  try {
    await freshSession();
  } catch {
    return void again(); // nobody to ask either
  }
  if (!source && signedIn() && !document.hidden) open();
}

function take(changes: Change[]): void {
  if (!questions) return;
  for (const change of changes) {
    patched(questions, change);
    for (const key of touched(questions, change)) stale.set(JSON.stringify(key), key);
  }
  ears.forEach((ear) => ear(changes));
  if (stale.size && !gathering) gathering = window.setTimeout(refresh, GATHER * Math.random());
}

function refresh(): void {
  const now = stale;
  stale = new Map();
  now.forEach((queryKey) => void questions?.invalidateQueries({ queryKey }));
  gathering = window.setTimeout(() => {
    gathering = 0;
    if (stale.size) refresh();
  }, GATHER);
}
