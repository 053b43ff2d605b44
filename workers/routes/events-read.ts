/** `GET /v1/events` and `GET /v1/events/{id}`: the tenant's events of this lane. */
import { errorFields } from "../../adapters/telemetry/log.ts";
import { Hono } from "hono";
import { eventCursorAt, parseEventPage } from "../../contracts/events/query.ts";
import type { Problem } from "../../contracts/problem.ts";
import { laneOf, parseEventId } from "../../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { findEvent } from "../events/find.ts";
import { listEvents } from "../events/list.ts";
import { audited } from "../middleware/audited.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";

const NO_SUCH_EVENT: Problem = { code: "not_found", detail: "there is no such event" };
const NO_ANSWER: Problem = { code: "unavailable", detail: "the events could not be read" };

/** What a failure of a shard or of R2 means for an answer: nothing is known, and asking again may help. */
async function inReach<T>(c: AppContext, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    c.get("deps").log("error", "events could not be read", { requestId: c.get("requestId"), ...errorFields(error) });
    return null;
  }
}

/** Lines of the store are JSON as it stands: taking them apart and together again would say the same. */
function pageBody(lines: readonly string[], rest: Readonly<Record<string, unknown>>): string {
  const others = Object.entries(rest).map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{"items":[${lines.join(",")}]${others.join("")}}`;
}

/** What an answer took, as a structured field (RFC 9651): reads, and of how many objects. */
const readsOf = ({ reads, objects }: { readonly reads: number; readonly objects: number }): string =>
  `${reads};objects=${objects}`;

const JSON_TYPE = { "Content-Type": "application/json" };

export const eventReadRoutes = () =>
  new Hono<AppEnv>()
    .get("/", requires("events:read"), audited("events.list", { reads: true }), async (c) => {
      const { events, environment } = c.get("deps");
      const request = parseEventPage(new URL(c.req.url).searchParams, c.get("principal").tenant);
      if (!request.ok) return answerProblem(c, request.error);
      const { query, identity, lane } = request.value;
      if (lane !== null && lane !== environment.LANE)
        return answerProblem(c, { code: "wrong_lane", detail: `the events of the ${lane} lane are at its own address` });
      const page = await inReach(c, listEvents(events, query));
      if (page === null) return answerProblem(c, NO_ANSWER);
      const { items, next, damaged } = page;
      c.header("Cache-Control", "private, no-store");
      c.header("Trunkline-Reads", readsOf(page));
      const lines = items.map(({ line }) => line);
      const rest = {
        ...(next === null ? {} : { nextCursor: eventCursorAt(identity, next) }),
        ...(damaged ? { damaged } : {}),
      };
      return c.body(pageBody(lines, rest), 200, JSON_TYPE);
    })
    .get("/:id", requires("events:read"), async (c) => {
      const { events, environment } = c.get("deps");
      const id = parseEventId(c.req.param("id"));
      if (!id.ok) return answerProblem(c, NO_SUCH_EVENT);
      const lane = laneOf(id.value);
      if (lane !== environment.LANE)
        return answerProblem(c, { code: "wrong_lane", detail: `the event lives on the ${lane} lane` });
      const answer = await inReach(c, findEvent(events, c.get("principal").tenant, id.value));
      if (answer === null) return answerProblem(c, NO_ANSWER);
      if (answer.found !== null) {
        // Not with a refusal: it would tell whether somebody else has such an event.
        c.header("Trunkline-Reads", readsOf(answer));
        // An erasure changes what stands here: nobody may keep it without asking.
        c.header("Cache-Control", "private, no-cache");
        return c.body(answer.found.line, 200, JSON_TYPE);
      }
      if (!answer.damaged) return answerProblem(c, NO_SUCH_EVENT);
      return answerProblem(c, { code: "internal", detail: "what the store has in the event's place is damaged" });
    });
