import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventRow, sessionRow } from "../../../adapters/postgres/sessions/rows.ts";
import type { Columns, ObjectAnswer } from "../../../contracts/operator.ts";
import { type CloudEvent, eventType } from "../../../domain/events/event.ts";
import { summaryOfRow } from "../../../domain/sessions/projected.ts";
import { foldEvents } from "../../../domain/sessions/projection.ts";
import type { SessionSummary } from "../../../domain/sessions/summary.ts";
import { type EventId, type SessionId, type TenantId, nextEventId, shardOfEventId } from "../../../domain/shared/ids.ts";
import { type Behind, type Difference, behindKey, compareSession } from "../../../local/verify/compare.ts";
import { reportLines } from "../../../local/verify/report.ts";
import { isClean } from "../../../local/verify/verify.ts";
import { Witnesses } from "../../../local/verify/witnesses.ts";
import { timelines } from "../../domain/sessions/timelines.ts";

/** One: an object belongs to one tenant. */
const TENANTS = ["left"] as TenantId[];
const PERIOD = { fromMs: 0, toMs: Date.parse("2100-01-01T00:00:00.000Z") };
const UP_TO_DATE: Behind = new Map();

type Stores = {
  events: readonly CloudEvent[];
  rows: readonly Columns[];
  rowEvents: readonly Columns[];
  objects: readonly ObjectAnswer[];
};

/** What Postgres has after these events. */
function tables(events: readonly CloudEvent[]): Pick<Stores, "rows" | "rowEvents"> {
  const batch = foldEvents(events);
  const rows = batch.sessions.map((session) => {
    const { phase, disposition, endedMs, durationMs, metadata, destination } = summaryOfRow(session);
    const ended_at = endedMs === null ? null : new Date(endedMs).toISOString();
    return { ...sessionRow(session), phase, disposition, ended_at, duration_ms: durationMs, metadata, destination };
  });
  return { rows, rowEvents: batch.events.map(eventRow) };
}

const present = (summary: SessionSummary, holdsFrom: number | null = null): ObjectAnswer => ({
  id: summary.id,
  tag: "present",
  summary,
  holdsFrom,
});

function differences(stores: Stores, behind: Behind = UP_TO_DATE, period = PERIOD): Difference[] {
  const witnesses = new Witnesses(period);
  for (const stored of stores.events) witnesses.addStored(stored);
  for (const row of stores.rows) witnesses.addRow(row);
  for (const row of stores.rowEvents) witnesses.addRowEvent(row);
  const objects = new Map(stores.objects.map((answer) => [answer.id, answer]));
  for (const witness of witnesses.all) witness.object = objects.get(witness.id) ?? null;
  return [...witnesses.all].flatMap((witness) => [...compareSession(witness, { period, behind })]);
}

const START_MS = Date.parse("2026-03-01T12:00:00.000Z");
const SHARD = { epoch: 0, number: 1 };
const SESSION = "01a1fec8-0000-7000-8000-00000000000a" as SessionId;

/** An event a second after the one before. */
function event(sequence: number, name: Parameters<typeof eventType>[0], data: Record<string, unknown> = {}): CloudEvent {
  const atMs = START_MS + sequence * 1_000;
  const { id } = nextEventId({ ms: 0, counter: 0 }, atMs, new Uint8Array(16), "standard", SHARD);
  const time = new Date(atMs).toISOString();
  return {
    specversion: "1.0",
    id,
    source: "/tenants/left/calls",
    type: eventType(name),
    subject: SESSION,
    time,
    recordedtime: time,
    sequence: String(sequence).padStart(10, "0"),
    datacontenttype: "application/json",
    data,
  };
}

const EVENTS = [
  event(1, "call.received", { channel: "pbx", trunk: "main", priority: "normal", from: "+15550100100", to: "+15551230001" }),
  event(2, "call.routed", { ruleId: "r1" }),
  event(3, "session.opened", { executor: "peer" }),
  event(4, "call.answered"),
  event(5, "call.ended"),
  event(6, "session.completed", { disposition: "answered", sipCode: 200 }),
];
const summaryAfter = (events: readonly CloudEvent[]): SessionSummary => summaryOfRow(foldEvents(events).sessions[0]!);
const WHOLE: Stores = { events: EVENTS, ...tables(EVENTS), objects: [present(summaryAfter(EVENTS))] };
const without = <T>(values: readonly T[], index: number): T[] => values.filter((_, at) => at !== index);
const kinds = (found: readonly Difference[]): string[] => found.map(({ kind }) => kind);

describe("[VER-1] stores that agree", () => {
  it("have no difference, whatever happened to the sessions", () => {
    fc.assert(
      fc.property(timelines(TENANTS, 4), (all) => {
        const events = all.flatMap((each) => each.events);
        expect(differences({ events, ...tables(events), objects: all.map(({ summary }) => present(summary)) })).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("may have stored an event more than once", () => {
    expect(differences({ ...WHOLE, events: [...EVENTS, ...EVENTS] })).toEqual([]);
  });

  it("may have given up the object's storage", () => {
    const { id, tenant, phase, openedMs: createdMs, updatedMs: newsMs, sequence } = summaryAfter(EVENTS);
    expect(differences({ ...WHOLE, objects: [{ id, tag: "archived", tenant, phase, createdMs, newsMs, sequence }] })).toEqual(
      [],
    );
  });
});

describe("[VER-1] a difference is named", () => {
  const row = WHOLE.rows[0]!;
  const changed = (column: string, value: unknown) => ({ ...WHOLE, rows: [{ ...row, [column]: value }] });

  it.each(
    Object.keys(row).filter(
      (column) => column !== "tenant_id" && column !== "id" && column !== "started_at" && column !== "last_event_at",
    ),
  )("in the column %s", (column) => {
    const [found, ...more] = differences(changed(column, "something else"));
    expect([found?.kind, found?.text.includes(`sessions.${column} is "something else"`), more]).toEqual([
      "row_differs",
      true,
      [],
    ]);
  });

  it.each(["started_at", "last_event_at"])("in the time %s", (column) => {
    const found = differences(changed(column, new Date(START_MS + 1).toISOString()));
    expect(found.map(({ text }) => text.split(" ")[0])).toEqual([`sessions.${column}`]);
  });

  it("between the table and the events that it is made of, one by one", () => {
    expect(differences({ ...WHOLE, rowEvents: without(WHOLE.rowEvents, 3) })).toMatchObject([
      {
        kind: "event_missing",
        text: `Postgres has no event ${EVENTS[3]!.id} (4, dev.trunkline.call.answered.v1)`,
        lagging: false,
      },
    ]);
    const stray = { ...WHOLE.rowEvents[0]!, id: "01a1fec8-0000-7000-8000-0000000000ff" };
    expect(kinds(differences({ ...WHOLE, rowEvents: [...WHOLE.rowEvents, stray] }))).toEqual(["event_unknown"]);
  });

  it.each(["sequence", "event_type", "event_time", "recorded_at", "traceparent", "metadata"])(
    "in the %s of an event",
    (column) => {
      const value = column === "metadata" ? { other: true } : "2027-01-01T00:00:00.000Z";
      const rowEvents = WHOLE.rowEvents.map((each, at) => (at === 1 ? { ...each, [column]: value } : each));
      const [found, ...more] = differences({ ...WHOLE, rowEvents });
      expect([found?.kind, found?.text.includes(`${column} is `), more]).toEqual(["event_differs", true, []]);
    },
  );

  it("when Postgres has no such session, or one that nobody else knows", () => {
    expect(kinds(differences({ ...WHOLE, rows: [] }))).toEqual(["row_missing"]);
    expect(kinds(differences({ ...WHOLE, events: [], objects: [{ id: SESSION, tag: "absent" }] }))).toEqual([
      ...EVENTS.map(() => "event_unknown"),
      "row_unknown",
    ]);
  });

  it("when numbers are missing or taken twice", () => {
    const some = [EVENTS[0]!, EVENTS[3]!, EVENTS[5]!];
    const stores = { events: some, ...tables(some), objects: [present(summaryAfter(some))] };
    expect(differences(stores).map(({ text }) => text)).toEqual([
      "the event store has no event 2 to 3",
      "the event store has no event 5",
    ]);
    const twin = { ...EVENTS[1]!, id: EVENTS[1]!.id.replace(/.$/, "f") as EventId };
    const doubled = [...EVENTS, twin];
    expect(kinds(differences({ ...WHOLE, events: doubled, ...tables(doubled) }))).toEqual(["sequence_twice"]);
    const headless = EVENTS.slice(1);
    expect(differences({ ...WHOLE, events: headless })[0]?.text).toBe("the event store has no event 1");
  });

  it("when the object is gone, is not known, does not answer or says otherwise", () => {
    const summary = summaryAfter(EVENTS);
    const objects = (answer: ObjectAnswer) => kinds(differences({ ...WHOLE, objects: [answer] }));
    expect(objects({ id: SESSION, tag: "absent" })).toEqual(["object_missing"]);
    expect(objects({ id: SESSION, tag: "unavailable" })).toEqual(["object_unavailable"]);
    expect(objects(present({ ...summary, phase: "failed", status: "failed" }))).toEqual(["object_differs", "object_differs"]);
    expect(kinds(differences({ ...WHOLE, events: [], rowEvents: [] }))).toEqual(["row_unknown", "object_unknown"]);
  });

  it("when an event in the store cannot be kept, or is stored twice in two ways", () => {
    const witnesses = new Witnesses(PERIOD);
    for (const each of [EVENTS[0]!, { ...EVENTS[0]!, data: {} }, { ...EVENTS[1]!, subject: "nobody" }])
      witnesses.addStored(each);
    expect(witnesses.damage.map(({ what }) => what)).toEqual(["stored_twice", "left_out"]);
  });
});

describe("[VER-1] what is only on its way", () => {
  const { epoch, number } = shardOfEventId(EVENTS[0]!.id);
  const behindSince = (sequence: number): Behind =>
    new Map([[behindKey("standard", `${epoch}-${number}`), START_MS + sequence * 1_000]]);

  it("is lagging when the projection has not come so far, and a difference when it has", () => {
    const projected = EVENTS.slice(0, 3);
    const stores = { ...WHOLE, ...tables(projected) };
    expect(differences(stores, behindSince(4)).every(({ lagging }) => lagging)).toBe(true);
    expect(differences(stores, behindSince(5)).map(({ lagging }) => lagging)).toContain(false);
    expect(differences(stores).some(({ lagging }) => lagging)).toBe(false);
  });

  it("does not excuse what differs otherwise", () => {
    const stores = { ...WHOLE, rows: [{ ...WHOLE.rows[0]!, caller_id: "+1" }] };
    expect(differences(stores, behindSince(1)).map(({ lagging }) => lagging)).toEqual([false]);
  });

  it("is lagging when the object still holds what the log has not taken, and lost when it does not", () => {
    const stored = EVENTS.slice(0, 4);
    const stores = { events: stored, ...tables(stored) };
    const held = (holdsFrom: number | null) =>
      differences({ ...stores, objects: [present(summaryAfter(EVENTS), holdsFrom)] }).map(({ kind, lagging }) => [
        kind,
        lagging,
      ]);
    expect(held(4)).toEqual([["log_behind", true]]);
    expect(held(6)).toEqual([["log_behind", false]]);
    expect(held(null)).toEqual([["log_behind", false]]);
  });
});

describe("[VER-1] sessions across an edge of the period", () => {
  const from = { fromMs: START_MS + 3_500, toMs: PERIOD.toMs };
  const inside = (rows: readonly Columns[], { fromMs, toMs }: typeof from) =>
    rows.filter((row) => Date.parse(String(row["recorded_at"])) >= fromMs && Date.parse(String(row["recorded_at"])) < toMs);

  it("are compared by their events alone, those of the period", () => {
    const rowEvents = inside(WHOLE.rowEvents, from);
    expect(differences({ ...WHOLE, rows: [], rowEvents }, UP_TO_DATE, from)).toEqual([]);
    expect(kinds(differences({ ...WHOLE, rows: [], rowEvents: rowEvents.slice(1) }, UP_TO_DATE, from))).toEqual([
      "event_missing",
    ]);
  });

  it("may go on after it", () => {
    const until = { fromMs: 0, toMs: START_MS + 4_500 };
    expect(differences({ ...WHOLE, rowEvents: inside(WHOLE.rowEvents, until) }, UP_TO_DATE, until)).toEqual([]);
  });
});

describe("[VER-1] what is printed", () => {
  const outcome = { damage: [], sessions: 2, events: 9, crossing: 0, archived: 1 };
  const difference: Difference = { kind: "gap", tenant: "left", session: SESSION, text: "a", lagging: false };

  it("is a line for each difference, not without bound, and all are counted", () => {
    const many = { ...outcome, differences: [difference, { ...difference, lagging: true }, difference] };
    const lines = reportLines(many, { fromMs: 0, toMs: 1 }, 2);
    expect(lines.slice(0, 3)).toEqual([`gap: left ${SESSION}: a`, `lagging gap: left ${SESSION}: a`, "… and 1 more"]);
    expect(lines[3]).toContain("2 differences, 1 lagging");
    expect(isClean(many)).toBe(false);
  });

  it("says so when there is none", () => {
    const clean = { ...outcome, differences: [] };
    expect([isClean(clean), reportLines(clean, { fromMs: 0, toMs: 1 }, 2)]).toEqual([
      true,
      [expect.stringMatching(/^2 sessions \(1 archived, .*: no difference\.$/)],
    ]);
    expect(isClean({ ...clean, damage: [{ what: "unreadable", text: "x" }] })).toBe(false);
  });
});
