/** Reads the body once, bounded, as bytes: signatures are over bytes. */
import { createMiddleware } from "hono/factory";
import { concatenate } from "../../adapters/platform/bytes.ts";
import { MAX_BODY_BYTES } from "../../contracts/json.ts";
import type { AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** Null when there is more than `limit`. Stops reading there: a sender cannot make us hold what we shall refuse. */
async function readBounded(stream: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array | null> {
  if (stream === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
  return concatenate(parts, length);
}

/** The server holds a sender to the length that it declares, so a body of a known, bounded length can be read at once. */
async function readDeclared(request: Request): Promise<Uint8Array> {
  return new Uint8Array(await request.arrayBuffer());
}

/** @param limit bytes; what is longer is answered with 413. */
export const readBodyOf = (limit: number) =>
  createMiddleware<AppEnv>(async (c, next) => {
    // The gate has read it already when a request comes from there.
    if (c.get("body") !== undefined) return next();
    const declared = Number(c.req.header("content-length") ?? 0);
    let body: Uint8Array | null;
    try {
      body = declared > limit ? null : declared > 0 ? await readDeclared(c.req.raw) : await readBounded(c.req.raw.body, limit);
    } catch {
      return answerProblem(c, { code: "bad_json", detail: "the body could not be read to its end" });
    }
    if (body === null) return answerProblem(c, { code: "body_too_large", detail: `at most ${limit} bytes are taken` });
    c.set("body", body);
    await next();
    return undefined;
  });

export const readBody = readBodyOf(MAX_BODY_BYTES);
