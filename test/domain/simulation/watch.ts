/** What must hold after every action. */
import { mayTalk } from "../../../domain/call/leg-state.ts";
import { presentOf } from "../../../domain/call/leg-step.ts";
import { type Legs, legsDueAt } from "../../../domain/call/legs.ts";
import { isTerminal } from "../../../domain/call/state.ts";
import { earliest } from "../../../domain/call/timers.ts";
import { endDue } from "../../../durable-objects/call-session/due.ts";
import { type SessionRow, isDeleted, isTombstone } from "../../../durable-objects/call-session/row.ts";
import type { DurableHost } from "./platform/durable-host.ts";
import { keptOf } from "./rows.ts";
import { Violation, type World } from "./world.ts";

/** Longer than a session tries to take its legs back. */
const LEGS_OVER_MS = 150_000;

const ENDS: readonly string[] = ["session.completed", "session.escalated", "session.failed"];

/** When the row itself says that something has to be done; null: never. */
function dueAt(row: SessionRow): number | null {
  const legsMs = row.legs === undefined ? null : legsDueAt(row.legs);
  return row.endRecordedMs === null ? earliest(endDue(row), legsMs) : legsMs;
}

function lookAtAlarm(host: DurableHost, row: SessionRow, nowMs: number): string | null {
  const { alarm } = host.disk;
  // What another system records ends when that says so: until then there may be nothing to look after.
  const rests = row.recorded !== undefined && row.endRecordedMs === null && row.forwarded === row.sequence;
  if (alarm === null) return rests ? null : "has no alarm, and has not been given up";
  if (alarm.running) return null;
  const dueMs = dueAt(row);
  // What is due already is seen to at once.
  const latestMs = dueMs === null ? null : Math.max(dueMs, nowMs + 1);
  return latestMs !== null && alarm.atMs > latestMs ? `has its alarm ${alarm.atMs - latestMs} ms after what is due` : null;
}

function lookAtRow(row: SessionRow): string | null {
  const { events, sequence, forwarded, state } = row;
  if (events.at(-1)?.sequence !== sequence) return "does not hold its last event";
  for (const [index, event] of events.entries()) {
    const before = events[index - 1];
    if (before !== undefined && before.sequence >= event.sequence)
      return `has event ${event.sequence} after ${before.sequence}`;
    if (before !== undefined && before.id >= event.id) return `has ids that do not grow at event ${event.sequence}`;
    if (before !== undefined && event.sequence > forwarded && event.sequence !== before.sequence + 1) return "has a gap";
  }
  const ends = events.filter(({ name }) => ENDS.includes(String(name)));
  if (ends.length > 1) return "has ended twice";
  if ((row.endRecordedMs !== null) !== isTerminal(state.phase)) return "has ended without an end";
  return row.legs === undefined ? null : lookAtLegs(row.legs);
}

function lookAtLegs(legs: Legs): string | null {
  const talking = legs.legs.filter(({ phase }) => phase === "answered");
  if (talking.length > 1) return "is connected with two legs";
  const present = new Set(presentOf(legs));
  const ringing = legs.legs.filter(mayTalk);
  if (ringing.some((leg) => !present.has(leg))) return "lets a leg ring that others have taken the place of";
  return talking.length === 1 && ringing.length > 1 ? "lets a leg ring beside the one that talks" : null;
}

/** What each session has shown of itself so far. */
type Shown = { readonly sequence: number; readonly end: string | null; readonly deleted?: true };

/** Some time after the end, and after the faults, nobody talks or rings any more. */
function lookAfterLegs(world: World, session: string): void {
  const look = (): void => {
    if (world.network.faulty) return later();
    const open = world.carrier.legsOf(session).find(({ status }) => status.tag !== "ended");
    if (open !== undefined) world.found(new Violation(`the call is over, and at the carrier ${open.id} is ${open.status.tag}`));
  };
  const later = (): void => void world.scheduler.after(LEGS_OVER_MS, "legs are over?", look);
  later();
}

export function watchSessions(world: World): void {
  const shown = new Map<string, Shown>();
  const followed = new Map<string, number>();
  const watchSession = (host: DurableHost): void => {
    const row = keptOf(host);
    if (row === null) return;
    const before = shown.get(host.name);
    if (isDeleted(row)) {
      shown.set(host.name, { sequence: row.sequence, end: null, deleted: true });
      return;
    }
    if (before?.deleted === true) world.found(new Violation(`${host.name} was deleted and has come back`));
    const { sequence, state } = row;
    const end = isTerminal(state.phase) ? `${state.phase} ${state.disposition} ${state.endedAtMs}` : null;
    shown.set(host.name, { sequence, end });
    if (end !== null && before?.end == null)
      world.scheduler.after(0, `${host.name} has ended`, () => lookAfterLegs(world, row.id));
    const wrong =
      before !== undefined && before.sequence > sequence
        ? "forgot an event"
        : before !== undefined && before.end !== null && before.end !== end
          ? `ended as ${before.end}, then as ${end}`
          : isTombstone(row)
            ? null
            : (lookAtRow(row) ?? lookAtAlarm(host, row, world.scheduler.nowMs + host.clock.offsetMs));
    if (wrong !== null) world.found(new Violation(`${host.name} ${wrong}`));
  };
  const watchShard = (host: DurableHost): void => {
    const [row] = host.disk.rowsOf("SELECT next FROM followers WHERE name = 'projection'");
    const next = Number(row?.["next"] ?? 0);
    if (next < (followed.get(host.name) ?? 0)) world.found(new Violation(`the follower of ${host.name} went back to ${next}`));
    followed.set(host.name, next);
  };
  const sessions = new Set<DurableHost>();
  world.watch = (host) => {
    if (sessions.size < world.sessions.size) for (const each of world.sessions.values()) sessions.add(each);
    if (sessions.has(host)) watchSession(host);
    else watchShard(host);
  };
}
