/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) on requests that make something. Stands behind authentication and the
 * reading of the body. A repetition is answered as the first one was; nothing happens twice, also when they come all at once.
 */
import { createMiddleware } from "hono/factory";
import { open, seal } from "../../adapters/identity/sealing.ts";
import { concatenate } from "../../adapters/platform/bytes.ts";
import { accountOf } from "../../domain/identity/principal.ts";
import { toHex } from "../../domain/shared/hex.ts";
import type { Problem } from "../../contracts/problem.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { Begun, KeptAnswer, RepeatKey } from "../../domain/shared/repeats.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";
import { idempotencyKeyOf } from "../repetition.ts";

export const REPLAYED_HEADER = "Idempotent-Replayed";

/** Of an answer's headers those that belong to what was made, and not to the one request. */
const KEPT_HEADERS = ["content-type", "etag", "location", "cache-control"];

const encoder = new TextEncoder();

/** Of parts in this order, wherever one ends and the next begins. */
async function digestOf(parts: readonly (string | Uint8Array)[]): Promise<string> {
  const pieces = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const all = [encoder.encode(pieces.map(({ length }) => length).join(" ")), ...pieces];
  const bytes = concatenate(
    all,
    all.reduce((sum, { length }) => sum + length, 0),
  );
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)));
}

async function repeatKeyOf(c: AppContext, key: string): Promise<RepeatKey> {
  const client = accountOf(c.get("principal"));
  const { pathname, search } = new URL(c.req.url);
  const { method } = c.req;
  return {
    key: await digestOf([client, method, pathname, key]),
    fingerprint: await digestOf([search, c.req.header("content-type") ?? "", c.get("body") ?? ""]),
  };
}

/** An answer that is kept opens for its own request alone. */
const contextOf = (tenant: TenantId, { key, fingerprint }: RepeatKey): string => `repeat|${tenant}|${key}|${fingerprint}`;

/** Why a kept answer may not be given again, by the `Location` of what was made; null: it may. */
export type GoneProblem = (c: AppContext, location: string) => Promise<Problem | null>;

async function answerAgain(
  c: AppContext,
  known: Exclude<Begun, { tag: "fresh" }>,
  context: string,
  goneProblem: GoneProblem,
): Promise<Response> {
  switch (known.tag) {
    case "another_request":
      return answerProblem(c, { code: "idempotency_key_reused", detail: "another request has used this Idempotency-Key" });
    case "under_way":
      return answerProblem(c, { code: "request_in_flight", headers: { "Retry-After": "1" } });
    case "answered_at_length":
      return answerProblem(c, {
        code: "conflict",
        detail: `this request was answered ${known.status}, with more than is kept: read what it made`,
      });
    case "answered": {
      const { status, headers, sealedBody } = known.answer;
      const { location } = headers;
      const gone = location === undefined ? null : await goneProblem(c, location);
      if (gone !== null) return answerProblem(c, gone);
      const body = await open(sealedBody, c.get("deps").environment.CONFIG_KEY, context);
      if (!body.ok) return answerProblem(c, { code: "unavailable", detail: "the first answer cannot be read" });
      return new Response(status === 204 ? null : body.value, { status, headers: { ...headers, [REPLAYED_HEADER]: "true" } });
    }
  }
}

async function keptAnswer(answer: Response, key: string, context: string): Promise<KeptAnswer> {
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return { status: answer.status, headers, sealedBody: await seal(await answer.clone().text(), key, context) };
}

/** Failures of ours, and refusals that pass, are no outcome: the same request may be made again. */
const isOutcome = (status: number): boolean => status < 500 && status !== 408 && status !== 429;

/** Behind the answer, for as long as the platform lets work go on there. */
const INSIST_PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];

/** Tries again what has failed once. Rejects with the last failure. */
async function insist(work: () => Promise<void>): Promise<void> {
  for (const pauseMs of INSIST_PAUSES_MS) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      return await work();
    } catch {
      // The next pause is longer.
    }
  }
  return work();
}

/** For what may be deleted within the time for which answers are kept, and must not be told afterwards. Carries a mark, by which routes are checked. */
export const idempotentUnlessGone = (goneProblem: GoneProblem) =>
  Object.assign(
    createMiddleware<AppEnv>((c, next) => repeatable(c, next, goneProblem)),
    { isIdempotent: true as const },
  );

export const isIdempotent = (handler: unknown): boolean => typeof handler === "function" && "isIdempotent" in handler;

export const idempotent = idempotentUnlessGone(async () => null);

async function repeatable(c: AppContext, next: () => Promise<void>, goneProblem: GoneProblem): Promise<Response | undefined> {
  const named = idempotencyKeyOf(c.req.header("idempotency-key"));
  if (!named.ok) return answerProblem(c, named.error);
  if (named.value === null) {
    await next();
    return undefined;
  }
  const { repeats, environment, log, defer } = c.get("deps");
  const { tenant } = c.get("principal");
  const key = await repeatKeyOf(c, named.value);
  const context = contextOf(tenant, key);
  const lease = crypto.randomUUID();
  const forget = () => repeats.forget(tenant, key.key, lease);
  const begun = await repeats.begin(tenant, key, lease).catch(() => null);
  if (begun === null) {
    // It may have been written all the same: then the key would be under way for nothing.
    defer(insist(forget).catch(() => {}));
    return answerProblem(c, { code: "unavailable", detail: "it cannot be known whether this was asked before" });
  }
  if (begun.tag !== "fresh") return answerAgain(c, begun, context, goneProblem);
  await next();
  const kept = isOutcome(c.res.status) ? await keptAnswer(c.res, environment.CONFIG_KEY, context) : null;
  const settle = () => (kept === null ? forget() : repeats.finish(tenant, key.key, lease, kept));
  await settle().catch(() =>
    defer(
      insist(settle).catch(() => {
        // It has taken place and is answered: when the lease ends, a repetition acts anew.
        log("error", "an answer could not be kept for its repetitions", { route: c.req.path.split("/", 3).join("/") });
      }),
    ),
  );
  return undefined;
}
