/** `GET /v1/events/tail`: what is stored from now on, or from where the reader was, as server-sent events. */
import { Hono } from "hono";
import { EVENT_STREAM, LAST_EVENT_ID_HEADER, tailCursorOf } from "../../contracts/events/tail.ts";
import { parseTail } from "../../contracts/events/tail-request.ts";
import type { AppEnv } from "../context.ts";
import { elsewhere, orUnavailable } from "../events/answers.ts";
import { openTail } from "../events/tail.ts";
import { createTailPorts } from "../events/tail-ports.ts";
import { tailStream } from "../events/tail-stream.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";

/** Of one isolate. Each holds at most one answer of each shard. */
export const MAX_TAILS = 32;
/** Of those, for one tenant, so that nobody takes all places. */
const MAX_TAILS_PER_TENANT = 8;
/** How long a reader should wait that found no place. */
const FULL_RETRY_S = "10";

/** By tenant. */
const tails = new Map<string, number>();

function isFull(tenant: string): boolean {
  const all = [...tails.values()].reduce((sum, count) => sum + count, 0);
  return all >= MAX_TAILS || (tails.get(tenant) ?? 0) >= MAX_TAILS_PER_TENANT;
}

function change(tenant: string, by: 1 | -1): void {
  const count = (tails.get(tenant) ?? 0) + by;
  if (count === 0) tails.delete(tenant);
  else tails.set(tenant, count);
}

export const eventTailRoutes = () =>
  new Hono<AppEnv>().get("/tail", requires("events:read"), async (c) => {
    const { events, environment } = c.get("deps");
    const { tenant, expiresMs = Number.POSITIVE_INFINITY } = c.get("principal");
    const request = parseTail(new URL(c.req.url).searchParams, c.req.header(LAST_EVENT_ID_HEADER) ?? null, tenant);
    if (!request.ok) return answerProblem(c, request.error);
    const { filter, identity, after, lane } = request.value;
    const refused = elsewhere(c, lane);
    if (refused !== null) return refused;
    if (isFull(tenant))
      return answerProblem(c, { code: "unavailable", detail: "too many tails", headers: { "Retry-After": FULL_RETRY_S } });
    change(tenant, 1);
    let isHeld = true;
    const released = () => {
      if (isHeld) change(tenant, -1);
      isHeld = false;
    };
    return orUnavailable(c, async () => {
      try {
        const tail = await openTail(createTailPorts(c.env, environment, events, tenant, filter), after, expiresMs);
        const stream = tailStream(tail, (place) => tailCursorOf(identity, place), released);
        return c.body(stream, 200, { "Content-Type": EVENT_STREAM, "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
      } catch (error) {
        released();
        throw error;
      }
    });
  });
