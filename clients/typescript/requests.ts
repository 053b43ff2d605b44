/** Requests to the API that are tried again where that may help. */
import type { ProblemJson } from "../../contracts/openapi/problem-schema.ts";
import { backoffMs } from "./backoff.ts";

export type EventStoreOptions = {
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

/** The store does not do this, or cannot now and was asked often enough. */
export class EventStoreRefused extends Error {
  override readonly name = "EventStoreRefused";
  readonly status: number;
  /** Null where the answer was no problem document. */
  readonly problem: ProblemJson | null;

  constructor(status: number, problem: ProblemJson | null) {
    super(`refused with status ${status}${problem === null ? "" : `: ${problem.detail ?? problem.title}`}`);
    this.status = status;
    this.problem = problem;
  }
}

/** The stream ended before its end: what came is not everything. */
export class ExportBroken extends Error {
  override readonly name = "ExportBroken";
  /** How many lines came. */
  readonly lines: number;

  constructor(lines: number, cause?: unknown) {
    super(`the stream broke off after ${lines} lines`, { cause });
    this.lines = lines;
  }
}

const DEFAULT_ATTEMPTS = 6;
/** A server that has not begun to answer by then is not going to. */
const ANSWER_DEADLINE_MS = 30_000;
/** Who is told to come back later than that comes back then. */
const MAX_RETRY_AFTER_MS = 60_000;

const PASSING: readonly number[] = [408, 429, 502, 503, 504];

/** Milliseconds, from `Retry-After` in seconds or as a date (RFC 9110 §10.2.3); null where it is neither. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? null : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}

async function problemOf(answer: Response): Promise<ProblemJson | null> {
  try {
    return (await answer.json()) as ProblemJson;
  } catch {
    return null;
  }
}

export type Sent = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** 404 is an answer too. */
  readonly mayBeMissing?: boolean;
  /** Instead of the client's own. */
  readonly attempts?: number;
};

type Tried = { readonly answer: Response } | { readonly error: unknown };

export class Requests {
  readonly options: EventStoreOptions;

  constructor(options: EventStoreOptions) {
    this.options = options;
  }

  /**
   * The answer, once it is good. Network failures, 429 and what passes by itself are tried again, later and later, or when
   * `Retry-After` says; each try is the same request. Throws `EventStoreRefused`, or what the last try threw.
   */
  async send(method: string, path: string, sent: Sent = {}): Promise<Response> {
    const attempts = sent.attempts ?? this.options.attempts ?? DEFAULT_ATTEMPTS;
    for (let failures = 0; ; failures++) {
      const tried = await this.#attempt(method, path, sent);
      const isLast = failures + 1 >= attempts || this.options.signal?.aborted === true;
      if ("error" in tried) {
        if (isLast) throw tried.error;
        await this.pause(failures, null);
        continue;
      }
      const { answer } = tried;
      if (answer.ok || (answer.status === 404 && sent.mayBeMissing === true)) return answer;
      if (isLast || !PASSING.includes(answer.status)) throw new EventStoreRefused(answer.status, await problemOf(answer));
      await answer.body?.cancel();
      await this.pause(failures, retryAfterMs(answer.headers.get("Retry-After"), Date.now()));
    }
  }

  /** Waits at least as long as it was told, and longer after each failure. */
  pause(failures: number, toldMs: number | null): Promise<void> {
    const { random = Math.random, sleep } = this.options;
    const ms = Math.max(toldMs ?? 0, backoffMs(failures, random()));
    return sleep === undefined ? new Promise((resolve) => setTimeout(resolve, ms)) : sleep(ms);
  }

  async #attempt(method: string, path: string, { headers = {}, body }: Sent): Promise<Tried> {
    const { url, token, signal, fetch: ask = fetch } = this.options;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error("the server does not answer")), ANSWER_DEADLINE_MS);
    try {
      const credentials = typeof token === "string" ? token : await token();
      const answer = await ask(new URL(path, url), {
        method,
        headers: { ...headers, Authorization: `Bearer ${credentials}` },
        signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
        ...(body === undefined ? {} : { body }),
      });
      return { answer };
    } catch (error) {
      return { error };
    } finally {
      // Beyond its beginning an answer may take as long as it likes: an export does.
      clearTimeout(timer);
    }
  }
}
