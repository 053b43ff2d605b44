/** What must hold when the dust has settled. */
import { dispositionOf } from "../../../domain/call/causes.ts";
import { type CloudEvent, eventType } from "../../../domain/events/event.ts";
import { summaryOfRow } from "../../../domain/sessions/projected.ts";
import { foldEvents } from "../../../domain/sessions/projection.ts";
import { summaryOf } from "../../../domain/sessions/summary.ts";
import type { Lag } from "../../../domain/events/follow.ts";
import type { IncomingReport } from "../../../durable-objects/call-session/steps.ts";
import { readTimeline } from "../../../durable-objects/call-session/timeline.ts";
import { EVENT_OF_REPORT } from "../../../durable-objects/call-session/record.ts";
import { isTombstone } from "../../../durable-objects/call-session/row.ts";
import { viewOf } from "../../../durable-objects/call-session/view.ts";
import type { PlayedCall } from "./calls.ts";
import { rowOf } from "./rows.ts";
import { Violation, type World } from "./world.ts";

const ENDS: readonly string[] = ["session.completed", "session.escalated", "session.failed"].map((name) =>
  eventType(name as "session.completed"),
);

function insist(holds: boolean, what: () => string): void {
  if (!holds) throw new Violation(what());
}

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** Every event in the segments, by session, in the order of recording. Each is in one segment, once. */
export function committedIn(world: World): Map<string, CloudEvent[]> {
  const seen = new Set<string>();
  const bySession = new Map<string, CloudEvent[]>();
  for (const { key, text } of world.bucket.all("events/"))
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const event = JSON.parse(line) as CloudEvent;
      insist(!seen.has(event.id), () => `${event.type} ${event.sequence} of ${event.subject} is in the log twice (${key})`);
      seen.add(event.id);
      const known = bySession.get(event.subject);
      if (known === undefined) bySession.set(event.subject, [event]);
      else known.push(event);
    }
  for (const events of bySession.values()) events.sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
  return bySession;
}

const withMark = (events: readonly CloudEvent[], mark: string): CloudEvent[] =>
  events.filter(({ data }) =>
    Object.values(data).some((value) => value === mark || (Array.isArray(value) && value.includes(mark))),
  );

/** Whether the fact stands that this report would tell again: start, answer, the failover of one destination, an end. */
function stands(events: readonly CloudEvent[], report: IncomingReport): boolean {
  const { type, routeIndex } = report;
  const sameFact = events.filter((event) => event.type === eventType(EVENT_OF_REPORT[type]));
  if (type === "started" || type === "answered") return sameFact.length > 0;
  if (type === "failover") return sameFact.some(({ data }) => (data["routeIndex"] ?? null) === routeIndex);
  // An end that says the same as the one that stands is no news, also when the session came to it by itself.
  const disposition = type === "failed" ? dispositionOf(report) : type === "ended" ? "answered" : "cancelled";
  return type !== "ringing" && events.some((event) => ENDS.includes(event.type) && event.data["disposition"] === disposition);
}

function checkFacts(name: string, call: PlayedCall, events: readonly CloudEvent[]): void {
  insist(call.announced, () => `${name} was never announced`);
  const count = (type: string): number => events.filter((event) => event.type === type).length;
  insist(count(eventType("call.received")) === 1, () => `${name} was received ${count(eventType("call.received"))} times`);
  for (const report of call.reported) {
    const marked = withMark(events, report.reason ?? "");
    insist(marked.length <= 1, () => `${report.reason} is in the log ${marked.length} times`);
    insist(
      marked.length === 1 || stands(events, report),
      () => `${report.reason} (${report.type}) was acknowledged and is not in the log`,
    );
  }
  for (const { mark, type, command } of call.obeyed) {
    const marked = events.filter((event) => event.type === type && withMark([event], mark).length === 1);
    const others = command.kind === "tag" ? 1 : 0;
    insist(
      marked.length === 1 || (others === 1 && marked.length > 1),
      () => `${mark} (${command.kind}) was taken and is in the log ${marked.length} times`,
    );
  }
}

function checkNumbers(name: string, events: readonly CloudEvent[]): void {
  for (const [index, event] of events.entries()) {
    insist(Number(event.sequence) === index + 1, () => `${name} has event ${Number(event.sequence)} in place ${index + 1}`);
    insist(index === 0 || events[index - 1]!.id < event.id, () => `${name} has ids that do not grow at ${index + 1}`);
  }
  const ends = events.filter(({ type }) => ENDS.includes(type));
  insist(ends.length === 1, () => `${name} has ${ends.length} ends`);
}

/** A session of which everything is in the table is shown the same by both. @param projected its events in the table. */
function compareWithTable(world: World, name: string, id: string, projected: number): void {
  const stored = rowOf(world.session(id));
  const row = world.postgres.sessions.get(id);
  if (stored === null || row === undefined || isTombstone(stored) || stored.sequence !== projected) return;
  const own = summaryOf(viewOf(stored));
  insist(same(summaryOfRow(row), own), () => `${name} shows ${canonical(own)}, and its row ${canonical(summaryOfRow(row))}`);
}

/** At any moment: what of the table is complete is right. */
export function checkTables(world: World, calls: ReadonlyMap<string, PlayedCall>): void {
  const projected = new Map<string, number>();
  for (const { session } of world.postgres.events.values()) projected.set(session, (projected.get(session) ?? 0) + 1);
  for (const [name, { identity }] of calls) compareWithTable(world, name, identity.id, projected.get(identity.id) ?? 0);
}

/** The table says what the events say, and what the session itself says. */
function checkTable(world: World, name: string, id: string, events: readonly CloudEvent[]): void {
  const inTable = [...world.postgres.events.values()].filter(({ session }) => session === id);
  insist(inTable.length === events.length, () => `${name} has ${events.length} events, and ${inTable.length} in the table`);
  insist(
    events.every((event) => world.postgres.events.has(event.id)),
    () => `an event of ${name} is not in the table`,
  );
  const row = world.postgres.sessions.get(id);
  const [folded] = foldEvents(events).sessions;
  insist(same(row, folded), () => `the row of ${name} is ${canonical(row)}, and its events make ${canonical(folded)}`);
  compareWithTable(world, name, id, inTable.length);
}

function checkLegs(world: World, name: string, call: PlayedCall): void {
  const open = world.carrier.legsOf(call.identity.id).filter(({ status }) => status.tag !== "ended");
  insist(open.length === 0, () => `${name} is over, and at the carrier ${open[0]?.id} is ${open[0]?.status.tag}`);
}

/** Readers find each event of a session once, by what the session says of itself. */
async function checkReaders(world: World, name: string, id: string, events: readonly CloudEvent[]): Promise<void> {
  const stored = rowOf(world.session(id))!;
  const logs = { getByName: (shard: string) => world.logStub(shard) } as never;
  const { events: read } = await readTimeline({ logs, bucket: world.bucket as never }, viewOf(stored), []);
  const ids = read.map((event) => event.id).toSorted();
  insist(
    same(
      ids,
      events.map((event) => event.id),
    ),
    () => `${name} has ${events.length} events, and readers find ${ids.length}`,
  );
}

/** Everything that was promised, for every call and shard. @param calls by name. */
export async function checkOutcome(world: World, calls: ReadonlyMap<string, PlayedCall>): Promise<void> {
  const committed = committedIn(world);
  insist(world.postgres.skipped.length === 0, () => `the projection left out ${JSON.stringify(world.postgres.skipped)}`);
  for (const [name, call] of calls) {
    const { id } = call.identity;
    const events = committed.get(id) ?? [];
    const stored = rowOf(world.session(id));
    insist(stored?.endRecordedMs != null, () => `${name} has not ended: it is ${stored?.state.phase}`);
    insist(
      stored!.sequence === events.length,
      () => `${name} has recorded ${stored!.sequence} events, and the log has ${events.length}`,
    );
    checkNumbers(name, events);
    checkFacts(name, call, events);
    checkTable(world, name, id, events);
    checkLegs(world, name, call);
    await checkReaders(world, name, id, events);
  }
  for (const [name, host] of world.shards) {
    const lag = await host.invoke<Lag>("lag", "projection");
    const of = [...calls.values()].filter(({ identity }) => identity.log.name === name);
    const all = of.reduce((sum, { identity }) => sum + (committed.get(identity.id)?.length ?? 0), 0);
    insist(lag.next === lag.end, () => `the projection of ${name} is at ${lag.next} of ${lag.end}`);
    insist(lag.end === all, () => `${name} counts ${lag.end} events and has ${all}`);
    const position = world.postgres.positions.get(`standard/${name}`);
    insist(position === lag.end || all === 0, () => `Postgres is at ${position} of ${lag.end} of ${name}`);
  }
}
