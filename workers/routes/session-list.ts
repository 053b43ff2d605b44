/** `GET /v1/sessions`: the tenant's sessions, page by page. The standard lane's; sessions of both lanes are in it. */
import { Hono } from "hono";
import { cursorAt, includedEventsJson, parseSessionPage, sessionSummaryJson } from "../../contracts/session-list.ts";
import { redactEvent } from "../../domain/events/keeping/redaction.ts";
import type { SessionSummary } from "../../domain/sessions/summary.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { noteReading } from "../middleware/audited.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";

type Included = ReadonlyMap<string, Record<string, unknown>>;

/** The events of a page's sessions. @returns null when they cannot be had. */
async function includedEvents(c: AppContext, tenant: TenantId, items: readonly SessionSummary[]): Promise<Included | null> {
  const { events: store, sessionEvents } = c.get("deps");
  // Before anything is read: what is erased while it is read is hidden or gone already.
  const redact = await store.redactionOf(tenant).catch(() => null);
  const events =
    redact === null
      ? null
      : await sessionEvents(
          tenant,
          items.map(({ id }) => id),
        );
  if (redact === null || events === null) return null;
  return new Map(
    items.map((session) => {
      const own = (events.get(session.id) ?? []).map((event) => redactEvent(event, redact));
      return [session.id, includedEventsJson(session, own)];
    }),
  );
}

export const sessionListRoutes = () =>
  new Hono<AppEnv>().get("/", requires("sessions:read"), async (c) => {
    const request = parseSessionPage(new URL(c.req.url).searchParams);
    if (!request.ok) return answerProblem(c, request.error);
    const { query, identity, fields, withEvents } = request.value;
    const { tenant } = c.get("principal");
    const { items, next, asOfMs, partial } = await c.get("deps").listSessions(tenant, query);
    const included: Included | null = withEvents ? await includedEvents(c, tenant, items) : new Map();
    if (included === null) return answerProblem(c, { code: "unavailable", detail: "the events could not be read" });
    if (withEvents) noteReading(c, "sessions.list-events");
    c.header("Cache-Control", "private, no-store");
    return c.json({
      items: items.map((session) => ({ ...sessionSummaryJson(session, fields), ...included.get(session.id) })),
      asOf: asOfMs === null ? null : new Date(asOfMs).toISOString(),
      ...(partial ? { partial } : {}),
      ...(next === null ? {} : { nextCursor: cursorAt(identity, query.order, next) }),
    });
  });
