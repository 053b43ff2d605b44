/** Whether a lane can take calls, or emergency calls, and what it lacks. Names no tenant: whoever asks may read it. */
import { placeCache } from "../../adapters/r2/snapshot-place.ts";
import type { SessionId } from "../../domain/shared/ids.ts";
import { createKeeper } from "../../durable-objects/snapshot-keeper/keeper.ts";
import type { AppContext } from "../context.ts";
import { cachesHere } from "../snapshots.ts";
import { type Asked, CHECK_DEADLINE_MS, Checker, type Checks } from "./checks.ts";

export type Readiness = {
  readonly status: "ready" | "degraded" | "unready";
  readonly lane: string;
  readonly checks: Checks;
  /** Where published configurations are had from, behind the memory of isolates. */
  readonly snapshots: Checks;
  /** How many circuit breakers of this isolate are open, by kind of target; kinds without one are left out. */
  readonly breakers: Readonly<Record<string, number>>;
};

/** A session that nobody has: its object says so. */
const NOBODYS_SESSION = "00000000-0000-7000-8000-000000000000" as SessionId;
const NO_KEY = "readiness";

const WITHOUT = {
  config: "calls go on by the levels under `snapshots`; nothing can be published",
  events: "calls go on; events wait in the event log, and what is stored cannot be read",
  eventLog: "calls go on; what is new of them appears later",
  sessions: "ordinary calls are refused; emergency calls are answered before their session is on disk",
  database: "calls go on; nothing can be edited, and lists lack what is older",
  standardLane: "emergency calls are served; everything else is 503",
  cache: "isolates that begin read R2",
  r2: "isolates that begin take the last good copy; what is in memory stays in force",
  keeper: "isolates that begin while R2 is away have nothing; emergency calls go the static routes",
  static: "an emergency call without any configuration has no destination",
} as const;

const of = (name: keyof typeof WITHOUT, critical: boolean, probe: Asked["probe"]): Record<string, Asked> => ({
  [name]: { critical, without: WITHOUT[name], probe },
});

const checkers = new WeakMap<Env, Checker>();

function checkerOf(c: AppContext): Checker {
  const checker = checkers.get(c.env) ?? new Checker(c.get("deps").clock);
  checkers.set(c.env, checker);
  return checker;
}

/** Calls need objects and configuration; the database and the other lane only make less of us. */
function parts(c: AppContext): Record<string, Asked> {
  const { sessions, pingDatabase } = c.get("deps");
  const { CONFIG, EVENTS, STANDARD } = c.env;
  return {
    ...of("config", true, async () => (await CONFIG.list({ prefix: "config/", limit: 1 })).objects.length > 0),
    ...of("events", true, async () => (await EVENTS.head("readiness")) === null),
    ...of("eventLog", true, () => sessions.logReachable(CHECK_DEADLINE_MS)),
    ...of("sessions", true, async () => (await sessions.view(NOBODYS_SESSION)).ok),
    ...of("database", false, () => pingDatabase(CHECK_DEADLINE_MS)),
    ...(STANDARD === undefined
      ? {}
      : of("standardLane", false, async () => (await STANDARD.fetch(new URL("/healthz", c.req.url))).ok)),
  };
}

function levels(c: AppContext): Record<string, Asked> {
  const { LANE, JURISDICTION, STATIC_EMERGENCY } = c.get("deps").environment;
  const cache = placeCache(cachesHere(), "readiness");
  return {
    ...of("cache", false, async () => cache !== null && (await cache.get(NO_KEY)) === null),
    ...of("r2", false, async () => (await c.env.CONFIG.get(NO_KEY)) === null),
    ...of("keeper", false, () => createKeeper(c.env.SNAPSHOT_KEEPER, JURISDICTION).probe()),
    ...(LANE === "emergency" ? of("static", false, async () => STATIC_EMERGENCY !== null) : {}),
  };
}

const isOk = (name: string, checks: Checks): boolean => checks[name]?.ok === true;

/** As long as some level leads somewhere, an emergency call has a plan; without its session's object it is answered all the same. */
function forEmergency(checks: Checks, snapshots: Checks): Readiness["status"] {
  if (!["static", "r2", "keeper"].some((name) => isOk(name, snapshots))) return "unready";
  const isWhole = Object.values(snapshots).every(({ ok }) => ok) && isOk("sessions", checks) && isOk("eventLog", checks);
  return isWhole ? "ready" : "degraded";
}

function forAll(checks: Checks): Readiness["status"] {
  const failed = Object.values(checks).filter(({ ok }) => !ok);
  if (failed.some(({ critical }) => critical)) return "unready";
  return failed.length > 0 ? "degraded" : "ready";
}

/** @param isForEmergency counts for the gate alone: the standard lane serves no emergencies. */
export async function readinessOf(c: AppContext, isForEmergency: boolean): Promise<Readiness> {
  const { environment, breakers } = c.get("deps");
  const checker = checkerOf(c);
  const [checks, snapshots] = await Promise.all([checker.ask(parts(c)), checker.ask(levels(c))]);
  const status = isForEmergency && environment.LANE === "emergency" ? forEmergency(checks, snapshots) : forAll(checks);
  return { status, lane: environment.LANE, checks, snapshots, breakers: breakers.openByKind() };
}
