/**
 * Who is signed in. The tokens are in cookies no script can read; here are only the CSRF token and what the server said about the person.
 * An access that has ended is renewed once for all who wait; when that fails, everything waits, with what was typed, for a new sign-in.
 */
import { useSyncExternalStore } from "react";
import type { Me } from "./types";

export type Phase = "asking" | "out" | "in" | "expired";

interface Known {
  phase: Phase;
  me: Me | null;
  space: string;
}

const CSRF = "modelyard.csrf";
const SPACE = "modelyard.space";
let known: Known = { phase: "asking", me: null, space: localStorage.getItem(SPACE) ?? "" };
const listeners = new Set<() => void>();
let waiting: (() => void)[] = [];
let renewing: Promise<void> | null = null;

function set(next: Partial<Known>): void {
  known = { ...known, ...next };
  listeners.forEach((listener) => listener());
}

export const csrf = () => localStorage.getItem(CSRF) ?? "";
export const space = () => known.space;
export const session = () => known;

/** Whether this person may approve what somebody asked for: an owner or operator, and not who asked. */
export function mayDecide(asker: string): boolean {
  const roles = known.me?.places.find((place) => place.project_space_id === known.space)?.roles ?? [];
  return (roles.includes("owner") || roles.includes("operator")) && asker !== known.me?.user.id;
}
export const signedIn = () => known.phase === "in";

export function useSession(): Known {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => known,
  );
}

/** What this person is in the space that is open. */
export function useRoles(): readonly string[] {
  const { me, space: open } = useSession();
  return me?.places.find((place) => place.project_space_id === open)?.roles ?? [];
}

export function keepCsrf(token: string | undefined): void {
  if (token) localStorage.setItem(CSRF, token);
}

/** Somebody is in: at first, or again. */
export function entered(me: Me): void {
  keepCsrf(me.csrf);
  const other = known.me !== null && known.me.user.id !== me.user.id;
  const at = me.places.some((place) => place.project_space_id === known.space) ? known.space : me.project_space_id;
  set({ phase: "in", me, space: at });
  if (other) window.location.assign("/");
  waiting.forEach((go) => go());
  waiting = [];
}

export function left(): void {
  localStorage.removeItem(CSRF);
  set({ phase: "out", me: null });
}

export function goTo(id: string): void {
  localStorage.setItem(SPACE, id);
  set({ space: id });
}

/** Forgets a space that is not ours (any more), so that the next question is about the first of ours. */
export function forgetSpace(): void {
  localStorage.removeItem(SPACE);
  set({ space: "" });
}

/** Until the session is good again: renewed quietly, or by the person. renew: says whether it could. */
export function renewed(renew: () => Promise<boolean>): Promise<void> {
  renewing ??= alone(renew)
    .then((fresh) => (fresh ? undefined : askPerson()))
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

function askPerson(): Promise<void> {
  set({ phase: known.me ? "expired" : "out" });
  return new Promise((go) => waiting.push(go));
}

/** A refresh token is good for one use: of several windows only one exchanges it at a time. */
function alone(work: () => Promise<boolean>): Promise<boolean> {
  const locks = navigator.locks as LockManager | undefined; // absent where the page did not come safely
  return locks ? locks.request("modelyard-session", () => work()).then((fresh) => fresh) : work();
}
