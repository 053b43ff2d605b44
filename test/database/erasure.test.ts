/** Taking a person out of the projection. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, asTenants, connect } from "../../adapters/postgres/client.ts";
import { eraseRows } from "../../adapters/postgres/sessions/erase.ts";
import { createProjectionStore } from "../../adapters/postgres/sessions/project.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { createRedact } from "../../domain/events/keeping/redaction.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { sessionEvents, sessions } from "../../schema/index.ts";
import { type TestDatabase, startTestDatabase, withClient } from "./fixture.ts";
import { KEYS } from "./keys.ts";

const TENANT = "left" as TenantId;
const DIGITS = "4915112345678";
const NEVER_MS = Date.UTC(2100, 0, 1);

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await startTestDatabase();
  await applyMigrations(server.ownerUrl);
  database = connect(server.appUrl, server.endpoint);
});
afterAll(() => server.stop());

const emptied = () => withClient(server.superuserUrl, (client) => client.query("truncate sessions, session_events"));

const RECORDED = "2026-03-01T12:00:00.000Z";
const idOf = (number: number, prefix: string) => `${prefix}-7000-8000-${number.toString(16).padStart(12, "0")}`;

function received(number: number, from: string, metadata: object = {}): CloudEvent {
  return {
    specversion: "1.0",
    id: idOf(number, "01a1fec8-0000"),
    source: "/tenants/left/calls",
    type: "dev.trunkline.call.received.v1",
    subject: idOf(number, "01a1fec8-ffff"),
    time: RECORDED,
    recordedtime: RECORDED,
    sequence: "0000000001",
    datacontenttype: "application/json",
    data: { channel: "pbx", from, to: "+15551230002", trunk: "main", priority: "normal", metadata },
  } as unknown as CloudEvent;
}

async function rows(): Promise<string> {
  const [all, events] = await asTenants(
    database,
    [TENANT],
    [
      database.orm.select().from(sessions).orderBy(sessions.id),
      database.orm.select().from(sessionEvents).orderBy(sessionEvents.id),
    ],
  );
  // What says when a row was written is not of the person.
  return JSON.stringify([all, events], (name, value: unknown) => (/^(?:created|updated)At$/.test(name) ? undefined : value));
}

describe("an erasure in Postgres", () => {
  it("[KEEP-3] leaves of a person what projecting the erased events leaves, and everybody else's rows alone", async () => {
    const store = createProjectionStore(database, KEYS);
    const [other, spelled, noted] = [
      received(1, "+49151123456789"),
      received(2, "+49 151 1234-5678"),
      received(3, "+15550001111", { patient: `tel:+${DIGITS}` }),
    ];
    await store.project([other, spelled, noted], null);
    const erase = (lane: "standard" | "emergency") =>
      eraseRows(database, KEYS, lane, TENANT, { digits: DIGITS }, NEVER_MS, null);
    expect(await erase("emergency")).toEqual({ erased: 0, next: null });
    expect(await erase("standard")).toEqual({ erased: 2, next: null });
    expect(await erase("standard")).toEqual({ erased: 0, next: null });
    const erased = await rows();
    expect(erased).toContain("+49151123456789");
    expect(erased).not.toContain("1234-5678");
    expect(erased).not.toContain(DIGITS + '"');
    // The same as a table that is made anew of the events as they are stored now.
    await emptied();
    const redact = createRedact([{ id: "era", digits: DIGITS, untilMs: NEVER_MS }]);
    const stored = [other, spelled, noted].map((event) => JSON.parse(redact(JSON.stringify(event))) as CloudEvent);
    await store.project(stored, null);
    expect(await rows()).toBe(erased);
  });

  it("[KEEP-3] finds the number in what is encrypted, too", async () => {
    await emptied();
    const note = (number: number, text: string): CloudEvent => ({
      ...received(number, "+15550001111"),
      type: "dev.trunkline.session.noted.v1",
      data: { by: "ann", text },
    });
    await createProjectionStore(database, KEYS).project([note(1, `call back ${DIGITS}`), note(2, "call back")], null);
    expect(await rows()).not.toContain("call back");
    expect((await eraseRows(database, KEYS, "standard", TENANT, { digits: DIGITS }, NEVER_MS, null)).erased).toBe(1);
    expect(JSON.stringify(await rows()).match(/\$sealed/g)).toHaveLength(1);
    await emptied();
  });

  it("[KEEP-3] of calls takes all their events at once, wherever they stand, and nobody else's", async () => {
    await emptied();
    const many = Array.from({ length: 20 }, (_, index) => received(index + 1, `+${DIGITS}`));
    await createProjectionStore(database, KEYS).project(many, null);
    const erase = (untilMs: number, after: string | null) =>
      eraseRows(database, KEYS, "standard", TENANT, { calls: [many[0]!.subject!, many.at(-1)!.subject!] }, untilMs, after);
    expect(await erase(Number.parseInt("01a1fec80000", 16), null)).toEqual({ erased: 0, next: null });
    // Also behind a place that work noted which looked through everything.
    expect(await erase(NEVER_MS, many.at(-1)!.id)).toEqual({ erased: 2, next: null });
    expect(await erase(NEVER_MS, null)).toEqual({ erased: 0, next: null });
    await emptied();
  });

  it("[KEEP-3] is of what was stored before its acceptance", async () => {
    await createProjectionStore(database, KEYS).project([received(9, `+${DIGITS}`)], null);
    const storedMs = Number.parseInt("01a1fec80000", 16);
    expect((await eraseRows(database, KEYS, "standard", TENANT, { digits: DIGITS }, storedMs, null)).erased).toBe(0);
    expect((await eraseRows(database, KEYS, "standard", TENANT, { digits: DIGITS }, storedMs + 1, null)).erased).toBe(1);
  });
});
