/** Reads the body once, bounded, as bytes: signatures are over bytes. */
import { createMiddleware } from "hono/factory";
import { within } from "../../adapters/platform/deadline.ts";
import { readBounded } from "../../adapters/platform/read-bounded.ts";
import { MAX_BODY_BYTES } from "../../contracts/json.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** The server holds a sender to the length that it declares, so a body of a known, bounded length can be read at once. */
async function readDeclared(request: Request): Promise<Uint8Array> {
  return new Uint8Array(await request.arrayBuffer());
}

const TOO_LONG = { done: true, value: null } as const;
/** Whoever has not sent a body of this kind by then is not going to; nobody is held in memory for longer. */
const BODY_DEADLINE_MS = 10_000;

/** @param limit bytes; what is longer is answered with 413, what takes too long with 408. */
export const readBodyOf = (limit: number) =>
  createMiddleware<AppEnv>(async (c, next) => {
    // The gate has read it already when a request comes from there.
    if (c.get("body") !== undefined) return next();
    const declared = Number(c.req.header("content-length") ?? 0);
    let body: Uint8Array | null;
    try {
      const reading = async () => (declared > 0 ? readDeclared(c.req.raw) : readBounded(c.req.raw.body, limit));
      const outcome = declared > limit ? TOO_LONG : await within(reading(), BODY_DEADLINE_MS);
      if (!outcome.done) return answerProblem(c, { code: "body_too_slow" });
      body = outcome.value;
    } catch {
      return answerProblem(c, { code: "bad_json", detail: "the body could not be read to its end" });
    }
    if (body === null) return answerProblem(c, { code: "body_too_large", detail: `at most ${limit} bytes are taken` });
    c.set("body", body);
    await next();
    return undefined;
  });

export const readBody = readBodyOf(MAX_BODY_BYTES);

/** @param limit bytes; a streamed body that says to be longer is answered with 413 before anything begins. Its reader counts them. */
export const declaredWithin = (limit: number) =>
  createMiddleware<AppEnv>(async (c, next) => {
    if (Number(c.req.header("content-length") ?? 0) > limit)
      return answerProblem(c, { code: "body_too_large", detail: `at most ${limit} bytes are taken` });
    await next();
    return undefined;
  });

/** The body as it comes in; where it had to be read before, because it is signed, as it came. */
export function bodyStream(c: AppContext): ReadableStream<Uint8Array> | null {
  const body = c.get("body") as Uint8Array<ArrayBuffer> | undefined;
  return body === undefined ? c.req.raw.body : new Response(body).body;
}
