/** The one way to the gateway: typed by its own document; language, space, CSRF token and idempotency key travel along by themselves. */
import createClient from "openapi-fetch";
import { exact } from "./exact";
import type { paths } from "./schema";
import { csrf, entered, forgetSpace, keepCsrf, renewed, space } from "./session";
import type { ApiProblem, FirstSteps, Full, Me } from "./types";

export class ApiError extends Error {
  constructor(
    readonly problem: ApiProblem,
    readonly status: number,
  ) {
    super(problem.message);
  }
}

const SAFE = ["GET", "HEAD"];
const OPENS = ["/api/v1/auth/sign-in", "/api/v1/auth/refresh", "/api/v1/auth/me", "/api/v1/auth/first"];
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function dressed(request: Request, key: string): Request {
  const copy = request.clone();
  copy.headers.set("accept-language", document.documentElement.lang);
  if (space()) copy.headers.set("x-modelyard-space", space());
  if (!SAFE.includes(request.method)) {
    copy.headers.set("x-modelyard-csrf", csrf());
    copy.headers.set("idempotency-key", key);
  }
  return copy;
}

/** Sends a request; one that met an ended session is sent again, under the same key, once there is a new one. */
export async function send(request: Request): Promise<Response> {
  const key = random();
  for (;;) {
    const answer = await fetch(dressed(request, key));
    if (answer.status !== 401 || OPENS.includes(new URL(request.url).pathname)) return answer;
    await renewed(renew);
  }
}

export const api = createClient<paths>({ fetch: async (request: Request) => exact(await send(request)) });

export type Feed = EventSource;

/** Whether it has given up: it was refused. */
export const gaveUp = (feed: Feed) => feed.readyState === EventSource.CLOSED;

/** The one stream of a window: what changed in a space, from behind the event `after` on. It comes back by itself after a cut. */
export function openFeed(space: string, after: string): Feed {
  const query = new URLSearchParams({ ...(space && { space }), ...(after && { after }) });
  return new EventSource(`/api/v1/changes?${query.toString()}`);
}

/** Where a browser fetches a file by itself; such an address carries no headers, so the space is in it. */
export function addressOf(path: string, query: Record<string, string | number | boolean>): string {
  const said = new URLSearchParams(Object.entries({ ...query, ...(space() && { space: space() }) }).map(([name, value]) => [name, String(value)]));
  return `/api/v1${path}?${said.toString()}`;
}

/** The data of an answer. Raises ApiError for every other, also for one that never came. */
export async function told<Data>(sent: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Full<Data>> {
  let answer;
  try {
    answer = await sent;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError({ code: 0, reason: "NO_CONNECTION", message: "", request_id: "", retryable: true }, 0);
  }
  if (answer.data !== undefined) return answer.data as Full<Data>;
  const problem = (answer.error as { error?: ApiProblem } | undefined)?.error;
  throw new ApiError(
    problem ?? { code: answer.response.status, reason: "NO_ANSWER", message: "", request_id: answer.response.headers.get("x-request-id") ?? "" },
    answer.response.status,
  );
}

export async function whoAmI(): Promise<Me | null> {
  let found = await api.GET("/api/v1/auth/me");
  if (found.response.status === 404) {
    forgetSpace();
    found = await api.GET("/api/v1/auth/me");
  }
  return found.data ? (found.data as unknown as Me) : null;
}

async function renew(): Promise<boolean> {
  const me = await whoAmI();
  if (me) {
    keepCsrf(me.csrf); // another window was faster
    return true;
  }
  if (!csrf()) return false;
  const answer = await api.POST("/api/v1/auth/refresh", { body: {} });
  keepCsrf((answer.data as { csrf?: string } | undefined)?.csrf);
  return answer.data !== undefined;
}

/** Until the session is good again, asked of the server, and of the person where it has ended. */
export async function freshSession(): Promise<void> {
  await renewed(renew);
  const me = await whoAmI();
  if (me) entered(me);
}

/** At the start of a window. Says whether somebody is in. */
export async function begin(): Promise<boolean> {
  let me = await whoAmI();
  if (!me && (await renew())) me = await whoAmI();
  if (me) entered(me);
  return me !== null;
}

export const firstSteps = async () => told(api.GET("/api/v1/auth/first")) as Promise<FirstSteps>;

/** In place of the printed one; whoever chose it is in. */
export async function setFirstPassword(password: string, chosen: string): Promise<void> {
  await opened(told(api.POST("/api/v1/auth/first", { body: { password, new_password: chosen } })));
}

export async function signIn(account: string, password: string): Promise<void> {
  await opened(told(api.POST("/api/v1/auth/sign-in", { body: { account, password, cookie: true } })));
}

async function opened(answer: Promise<unknown>): Promise<void> {
  keepCsrf(((await answer) as { csrf?: string }).csrf);
  const me = await whoAmI();
  if (me) entered(me);
}
