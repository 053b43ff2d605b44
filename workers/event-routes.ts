/** The event store over HTTP. Both lanes have it, each for the events of its own calls; what comes in by the API is the standard lane's. */
import { Hono } from "hono";
import { laneOf, parseEventId, parseSessionId } from "../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { callTimelineRoutes } from "./routes/call-timeline.ts";
import { cdrRoutes, eventExportRoutes, eventStatsRoutes } from "./routes/events-derived.ts";
import { eventIngestRoutes } from "./routes/events-ingest.ts";
import { eventKeepingRoutes } from "./routes/events-keeping.ts";
import { eventReadRoutes } from "./routes/events-read.ts";
import { eventTailRoutes } from "./routes/events-tail.ts";

/** Whether a question about events is put to the emergency lane: it says so, or asks by an id that does. */
export function asksEmergencyStore(c: AppContext): boolean {
  const lane = c.req.query("lane");
  if (lane !== undefined) return lane === "emergency";
  const { callId = "", id = "" } = c.req.param() as Readonly<Record<string, string>>;
  const named = callId === "" ? parseEventId(id) : parseSessionId(callId);
  return named.ok && laneOf(named.value) === "emergency";
}

/** Everything that reads a store or looks after it. What has a name of its own comes before what takes any id. */
export const eventStoreRoutes = () =>
  new Hono<AppEnv>()
    .route("/v1/events", eventKeepingRoutes())
    .route("/v1/events", eventTailRoutes())
    .route("/v1/events", eventExportRoutes())
    .route("/v1/events", eventStatsRoutes())
    .route("/v1/events", eventReadRoutes())
    .route("/v1/calls", callTimelineRoutes())
    .route("/v1/cdrs", cdrRoutes());

export const eventIntakeRoutes = () => new Hono<AppEnv>().route("/v1/events", eventIngestRoutes());
