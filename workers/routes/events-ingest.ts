/** `POST /v1/events`: takes events of calls, from any system. */
import { Hono } from "hono";
import { readBounded } from "../../adapters/platform/read-bounded.ts";
import { isSigned } from "../../adapters/identity/authenticate.ts";
import { INTAKE_MEDIA_TYPES, type ParsedIntake, intakeKindOf, parseIntake, refusalOf } from "../../contracts/events/ingest.ts";
import { MAX_BATCH_BYTES } from "../../contracts/events/ingest-limits.ts";
import { type Problem, problemJson } from "../../contracts/problem.ts";
import type { IntakeAnswer } from "../../domain/events/shard.ts";
import { type Result, assertNever, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import type { IntakeOutcome } from "../events/ingest.ts";
import { requires } from "../middleware/authenticate.ts";
import { inOrder } from "../middleware/in-order.ts";
import { readBodyOf } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { repetitionOf } from "../repetition.ts";

/** The body as it was before it was packed. Signatures are over what was sent, so this comes behind authentication. */
async function unpacked(c: AppContext): Promise<Result<Uint8Array, Problem>> {
  const encoding = c.req.header("content-encoding");
  const body = c.get("body");
  if (encoding === undefined || encoding === "identity") return ok(body);
  if (encoding !== "gzip")
    return err({
      code: "unsupported_media_type",
      detail: "bodies come as they are or in gzip",
      headers: { "Accept-Encoding": "gzip" },
    });
  try {
    const stream = new Blob([body as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
    const whole = await readBounded(stream, MAX_BATCH_BYTES);
    return whole === null ? err({ code: "body_too_large", detail: `at most ${MAX_BATCH_BYTES} bytes are taken` }) : ok(whole);
  } catch {
    return err({ code: "bad_json", detail: "the body is not one gzip member" });
  }
}

/** Whether good events are stored although others are bad. */
function partialOf(c: AppContext): Result<boolean, Problem> {
  const { partial = [], ...others } = c.req.queries();
  const [value = "false", ...more] = partial;
  const isKnown = value === "true" || value === "false";
  if (Object.keys(others).length === 0 && more.length === 0 && isKnown) return ok(value === "true");
  return err({ code: "bad_query", detail: "the only parameter is partial, which is true or false" });
}

const SECOND_MS = 1_000;

/** Why nothing was stored, as far as that is known. */
function problemOf(outcome: Exclude<IntakeOutcome, { tag: "stored" }>): Problem {
  switch (outcome.tag) {
    case "key_reused":
      return { code: "idempotency_key_reused" };
    case "overloaded":
      return {
        code: "unavailable",
        detail: "more events come in than can be stored now; nothing was stored",
        headers: { "Retry-After": String(Math.ceil(outcome.retryAfterMs / SECOND_MS)) },
      };
    case "unavailable":
      return {
        code: "unavailable",
        detail:
          "the store did not answer; events with an id, or under an idempotency key, can be sent again without being stored twice",
      };
    default:
      return assertNever(outcome);
  }
}

type Stored = Extract<IntakeAnswer, { tag: "stored" }>;

const NOTHING: Stored = { tag: "stored", ids: [], duplicates: [] };

type Item = { readonly id: string; readonly duplicate?: true };

function itemsOf({ ids, duplicates }: Stored): Item[] {
  if (duplicates.length === 0) return ids.map((id) => ({ id }));
  const again = new Set(duplicates);
  return ids.map((id, index) => (again.has(index) ? { id, duplicate: true } : { id }));
}

/** 207: how each event of the request fared, in its order. */
function answerEach(c: AppContext, { count, refused }: ParsedIntake, stored: Stored): Response {
  const request = { path: c.req.path, requestId: c.get("requestId") };
  const problems = new Map(refused.map(({ index, errors }) => [index, errors]));
  const good = itemsOf(stored).values();
  const items = Array.from({ length: count }, (_, index) => {
    const errors = problems.get(index);
    if (errors === undefined) return { status: 201, ...good.next().value };
    return { status: 422, problem: problemJson({ code: "invalid_fields", errors }, request) };
  });
  return c.json({ items }, 207);
}

function answerStored(c: AppContext, { single }: ParsedIntake, stored: Stored): Response {
  const items = itemsOf(stored);
  const first = items[0];
  if (!single || first === undefined) return c.json({ items }, 201);
  c.header("Location", `/v1/events/${first.id}`);
  return c.json({ ...first, items }, 201);
}

/** Signatures are over the body. Who brings other credentials shows them first: nobody fills this Worker unknown. */
const admitted = inOrder(requires("events:write"), readBodyOf(MAX_BATCH_BYTES), (c) => isSigned(c.req.raw.headers));

export const eventIngestRoutes = () =>
  new Hono<AppEnv>().post("/", admitted, async (c) => {
    const kind = intakeKindOf(c.req.header("content-type") ?? "");
    if (kind === null)
      return answerProblem(c, {
        code: "unsupported_media_type",
        detail: `events come as ${INTAKE_MEDIA_TYPES.join(", ")}, in UTF-8`,
        headers: { "Accept-Post": INTAKE_MEDIA_TYPES.join(", ") },
      });
    const partial = partialOf(c);
    if (!partial.ok) return answerProblem(c, partial.error);
    const body = await unpacked(c);
    if (!body.ok) return answerProblem(c, body.error);
    c.set("body", body.value);
    const repetition = await repetitionOf(c, null);
    if (!repetition.ok) return answerProblem(c, repetition.error);
    const { external, fingerprint: digest } = repetition.value;
    const { storeEvents, clock } = c.get("deps");
    const sender = { tenant: c.get("principal").tenant, nowMs: clock.nowMs(), key: external?.id ?? null };
    const parsed = parseIntake(body.value, kind, sender);
    if (!parsed.ok) return answerProblem(c, parsed.error);
    const { events, refused, count, affinity, byKey } = parsed.value;
    if (refused.length > 0 && !partial.value) return answerProblem(c, refusalOf(parsed.value));
    const outcome = events.length === 0 ? NOTHING : await storeEvents({ events, digest: byKey ? digest : null }, affinity);
    if (outcome.tag !== "stored") return answerProblem(c, problemOf(outcome));
    c.set("notes", { events: count, refused: refused.length, duplicates: outcome.duplicates.length });
    if (external !== null && outcome.duplicates.length === count) c.header("Idempotent-Replayed", "true");
    return partial.value ? answerEach(c, parsed.value, outcome) : answerStored(c, parsed.value, outcome);
  });
