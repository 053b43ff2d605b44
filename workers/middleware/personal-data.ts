/**
 * What becomes of answers to those who lack `pii:read`. Stands behind every `requires(…)`: a new route is masked unless it is named here.
 * Answers of types that cannot be masked are refused.
 */
import {
  type MaskKind,
  type LineMask,
  csvMask,
  eventStreamMask,
  jsonLinesMask,
  maskedJsonText,
} from "../../contracts/masked-lines.ts";
import { may } from "../../domain/identity/principal.ts";
import type { AppContext } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** Numbers in there say where calls go, not who calls. */
const CONFIGURATION =
  /^\/v1\/(?:settings|trunks|destinations|routing-rules|rate-tables|calendars|number-lists|profiles|emergency-routes|decision-services|config|api-keys|issuers|roles|tenants|me)(?:\/|$)/;
/** Whoever sets up a call dials what the answer says. */
const SETS_UP_CALLS = /^(?:\/v1\/calls|\/pbx\/.*)$/;

/** Filters by which hidden values could be found out, one guess after another. */
const GUESSING = new Set(["caller", "callee", "callerId", "calleeId", "number", "q", "filter", "name", "email"]);
const GUESSING_PREFIXES = ["data.", "metadata."];

/** Marks the entity tag of a masked answer: it is another representation of the same revision. */
const MASKED_TAG = "-masked";
const CONDITIONS = ["If-Match", "If-None-Match"];
const CREDENTIAL_HEADERS = "Authorization, X-Api-Key";

/** Whether the one who asks sees numbers, names and what was said. */
export const seesPersonalData = (c: AppContext): boolean => may(c.get("principal"), "pii:read");

/** The parameter by which something hidden is looked for; null: none. */
export function guessIn(query: Readonly<Record<string, unknown>>): string | null {
  const isGuess = (name: string) => GUESSING.has(name) || GUESSING_PREFIXES.some((prefix) => name.startsWith(prefix));
  return Object.keys(query).find(isGuess) ?? null;
}

export const answerGuess = (c: AppContext, name: string): Response =>
  answerProblem(c, {
    code: "forbidden",
    detail: `only who may see personal data (pii:read) may look for it by ${GUESSING.has(name) ? name : name.split(".", 1)[0]}`,
  });

function guesses(c: AppContext): string | null {
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  return isRead && !CONFIGURATION.test(c.req.path) ? guessIn(c.req.query()) : null;
}

/** Tags of masked answers become those of what was masked, which handlers know. */
function withoutMarks(c: AppContext): void {
  const marked = CONDITIONS.filter((name) => c.req.header(name)?.includes(MASKED_TAG) === true);
  if (marked.length === 0) return;
  const headers = new Headers(c.req.raw.headers);
  for (const name of marked) headers.set(name, (headers.get(name) ?? "").replaceAll(`${MASKED_TAG}"`, '"'));
  const { method, url, body, bodyUsed } = c.req.raw;
  // What was read already stands in the context.
  const rest = body === null || bodyUsed ? {} : { body };
  c.req.raw = new Request(url, { method, headers, redirect: "manual", ...rest });
}

type Masking = { readonly whole: true } | { readonly whole: false; readonly lines: LineMask };

/** How a body of this type is masked; null: it cannot be. */
function maskingOf(type: string, kind: MaskKind): Masking | null {
  if (/^application\/(?:(?:[\w.-]+\+)?json|vcon)$/.test(type)) return { whole: true };
  if (type === "application/x-ndjson") return { whole: false, lines: jsonLinesMask(kind) };
  if (type === "text/event-stream") return { whole: false, lines: eventStreamMask() };
  return type === "text/csv" ? { whole: false, lines: csvMask() } : null;
}

/** Masks as it is read, and ends, breaks off and is given up as its source. */
function maskedStream(body: ReadableStream<Uint8Array>, lines: LineMask): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const shown = lines.push(decoder.decode(chunk, { stream: true }));
        if (shown !== "") controller.enqueue(encoder.encode(shown));
      },
      flush(controller) {
        const shown = lines.push(decoder.decode()) + lines.end();
        if (shown !== "") controller.enqueue(encoder.encode(shown));
      },
    }),
  );
}

async function maskedAnswer(c: AppContext, answer: Response, kind: MaskKind): Promise<Response> {
  const { status } = answer;
  const type = (answer.headers.get("Content-Type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (status === 101 || type === "application/problem+json" || (type === "text/csv" && kind === "configuration")) return answer;
  const headers = new Headers(answer.headers);
  const tag = headers.get("ETag");
  if (tag !== null) headers.set("ETag", tag.replace(/"$/, `${MASKED_TAG}"`));
  if (answer.body === null) return new Response(null, { status, headers });
  const masking = maskingOf(type, kind);
  if (masking === null) {
    await answer.body.cancel();
    return answerProblem(c, {
      code: "forbidden",
      detail: "this is shown only to who may see personal data (pii:read)",
    });
  }
  headers.delete("Content-Length");
  if (!masking.whole) return new Response(maskedStream(answer.body, masking.lines), { status, headers });
  const bytes = new TextEncoder().encode(maskedJsonText(await answer.text(), kind));
  headers.set("Content-Length", String(bytes.length));
  return new Response(bytes, { status, headers });
}

/**
 * Runs what is behind, and masks its answer for those who lack `pii:read`. A handler that has masked what it answers says so by
 * `personalDataMasked`.
 */
export async function shielded(c: AppContext, next: () => Promise<unknown>): Promise<void> {
  const isMasked = !seesPersonalData(c) && !(c.req.method === "POST" && SETS_UP_CALLS.test(c.req.path));
  const guessed = isMasked ? guesses(c) : null;
  if (guessed !== null) {
    c.res = answerGuess(c, guessed);
    return;
  }
  if (isMasked) withoutMarks(c);
  await next();
  const answer = c.res;
  if (isMasked && c.get("personalDataMasked") !== true) {
    c.set("personalDataMasked", true);
    const masked = await maskedAnswer(c, answer, CONFIGURATION.test(c.req.path) ? "configuration" : "records");
    // Hono adds the headers of the answer that was there to one that takes its place.
    c.res = undefined;
    c.res = masked;
  }
  if (c.res.status !== 101) c.res.headers.append("Vary", CREDENTIAL_HEADERS);
}
