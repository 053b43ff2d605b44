/** Requests to the API that are tried again where that may help and cannot do anything twice. */
import { backoffMs } from "./backoff.ts";
import type { Problem } from "./generated.ts";
import { DeadlinePassed, RequestRefused } from "./refused.ts";

export type ClientOptions = {
  /** Of the deployment, e.g. `https://api.eu.trunkline.example`. */
  readonly url: string;
  /** An access token or API key; a function is asked before every try. */
  readonly token: string | (() => Promise<string>);
  /** How often a request is sent at most; 6 by default. */
  readonly attempts?: number;
  /** Ends everything that is under way. */
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
  /** Between 0 and 1. */
  readonly random?: () => number;
  /** Instead of waiting by the clock. */
  readonly sleep?: (ms: number) => Promise<void>;
};

const DEFAULT_ATTEMPTS = 6;
/** A server that has not begun to answer by then is not going to. */
const ANSWER_DEADLINE_MS = 30_000;
/** Who is told to come back later than that comes back then. */
const MAX_RETRY_AFTER_MS = 60_000;

const TOO_MANY_REQUESTS = 429;
const PASSING: readonly number[] = [408, TOO_MANY_REQUESTS, 502, 503, 504];

/** Milliseconds, from `Retry-After` in seconds or as a date (RFC 9110 §10.2.3); null where it is neither. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? null : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}

async function problemOf(answer: Response): Promise<Problem | null> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    return null;
  }
}

/** The answer with all of its body here, so that a line which breaks within it counts as one that broke before it. */
async function whole(answer: Response): Promise<Response> {
  const text = await answer.text();
  return new Response(text === "" ? null : text, { status: answer.status, headers: answer.headers });
}

export type Sent = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** 404 is an answer too. */
  readonly mayBeMissing?: boolean;
  /** Instead of the client's own. */
  readonly attempts?: number;
  /** Done twice it would be two: sent again only where it was refused before anything was done. */
  readonly isOnce?: boolean;
  /** All tries together, pauses and the answer's body included. The body is read before the answer is given. Without it an answer takes as long as it takes. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
};

type Tried = { readonly answer: Response } | { readonly error: unknown };

/** How long one request has, over all its tries. */
type Time = { readonly leftMs: () => number; readonly signal: AbortSignal | null };

function timeOf(deadlineMs: number | undefined): Time {
  if (deadlineMs === undefined) return { leftMs: () => Infinity, signal: null };
  const endMs = Date.now() + deadlineMs;
  return { leftMs: () => endMs - Date.now(), signal: AbortSignal.timeout(deadlineMs) };
}

export class Requests {
  readonly options: ClientOptions;

  constructor(options: ClientOptions) {
    this.options = options;
  }

  /**
   * The answer, once it is good. Network failures, 429 and what passes by itself are tried again, later and later, or when
   * `Retry-After` says; each try is the same request. Throws `RequestRefused`, `DeadlinePassed`, or what the last try threw.
   */
  async send(method: string, path: string, sent: Sent = {}): Promise<Response> {
    const attempts = sent.attempts ?? this.options.attempts ?? DEFAULT_ATTEMPTS;
    const time = timeOf(sent.deadlineMs);
    let isUncertain = false;
    for (let failures = 0; ; failures++) {
      const tried = await this.#attempt(method, path, sent, time);
      const isLast = failures + 1 >= attempts || this.#isOver(sent);
      const mayRepeat = sent.isOnce !== true || ("answer" in tried && tried.answer.status === TOO_MANY_REQUESTS);
      if ("answer" in tried) {
        const { answer } = tried;
        if (answer.ok || (answer.status === 404 && sent.mayBeMissing === true)) return answer;
        if (isLast || !mayRepeat || !PASSING.includes(answer.status))
          throw new RequestRefused(answer.status, await problemOf(answer), isUncertain);
        await answer.body?.cancel();
      } else {
        if (time.leftMs() <= 0 && !this.#isOver(sent)) throw new DeadlinePassed(sent.deadlineMs!, tried.error);
        if (isLast || !mayRepeat) throw tried.error;
      }
      isUncertain ||= "error" in tried || tried.answer.status !== TOO_MANY_REQUESTS;
      const toldMs = "error" in tried ? null : retryAfterMs(tried.answer.headers.get("Retry-After"), Date.now());
      const pauseMs = this.#pauseMs(failures, toldMs);
      // Who would come back after its end need not wait for it.
      if (pauseMs >= time.leftMs())
        throw new DeadlinePassed(sent.deadlineMs!, "error" in tried ? tried.error : refusalOf(tried));
      await this.#sleep(pauseMs, sent);
    }
  }

  /** Waits at least as long as it was told, and longer after each failure. */
  pause(failures: number, toldMs: number | null): Promise<void> {
    return this.#sleep(this.#pauseMs(failures, toldMs), {});
  }

  #pauseMs(failures: number, toldMs: number | null): number {
    return Math.max(toldMs ?? 0, backoffMs(failures, (this.options.random ?? Math.random)()));
  }

  #isOver({ signal }: Sent): boolean {
    return this.options.signal?.aborted === true || signal?.aborted === true;
  }

  #signals({ signal }: Sent): readonly AbortSignal[] {
    return [this.options.signal, signal].filter((each) => each !== undefined);
  }

  /** Whoever ends the request does not wait for the end of a pause; the next try tells. */
  #sleep(ms: number, sent: Sent): Promise<void> {
    if (this.options.sleep !== undefined) return this.options.sleep(ms);
    const signals = this.#signals(sent);
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        for (const signal of signals) signal.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      for (const signal of signals) signal.addEventListener("abort", wake);
    });
  }

  async #attempt(method: string, path: string, sent: Sent, time: Time): Promise<Tried> {
    const { url, token, fetch: ask = fetch } = this.options;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error("the server does not answer")), ANSWER_DEADLINE_MS);
    try {
      const credentials = typeof token === "string" ? token : await token();
      const answer = await ask(new URL(path, url), {
        method,
        headers: { ...sent.headers, Authorization: `Bearer ${credentials}` },
        signal: AbortSignal.any([late.signal, ...(time.signal === null ? [] : [time.signal]), ...this.#signals(sent)]),
        ...(sent.body === undefined ? {} : { body: sent.body }),
      });
      return { answer: sent.deadlineMs === undefined ? answer : await whole(answer) };
    } catch (error) {
      return { error };
    } finally {
      // Beyond its beginning an answer may take as long as it likes: an export does.
      clearTimeout(timer);
    }
  }
}

const refusalOf = ({ answer }: { readonly answer: Response }): RequestRefused => new RequestRefused(answer.status, null);
