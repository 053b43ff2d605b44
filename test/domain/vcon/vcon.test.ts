import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Call, Location } from "../../../domain/call/call.ts";
import { replay } from "../../../domain/call/replay.ts";
import { isTerminal } from "../../../domain/call/state.ts";
import type { CloudEvent } from "../../../domain/events/event.ts";
import { MASK, maskJson } from "../../../domain/privacy/mask.ts";
import type { SessionId, TenantId } from "../../../domain/shared/ids.ts";
import { type Vcon, vconIdOf, vconOf } from "../../../domain/vcon/vcon.ts";
import { record, settle } from "../../../durable-objects/call-session/record.ts";
import { beginRecorded, endRecorded } from "../../../durable-objects/call-session/recorded-steps.ts";
import type { SessionRow } from "../../../durable-objects/call-session/row.ts";
import { announce, emptyRow, report } from "../../../durable-objects/call-session/steps.ts";
import { timelineOf } from "../../../durable-objects/call-session/view.ts";
import { CALL, IDENTITY, REJECTED, ROUTED, START_MS, TENANT, at, incoming } from "../call/fixtures.ts";
import { timeline } from "../sessions/timelines.ts";

const SCHEMA = "test/golden/vcon/unsigned-vcon.schema.json";
const ajv = new Ajv({ strict: true, allowUnionTypes: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, "utf8")) as object);

/** What is wrong with it by the working group's schema, after it has been on the wire. */
function faults(vcon: unknown): unknown {
  return validate(JSON.parse(JSON.stringify(vcon))) ? [] : validate.errors;
}

const vconFrom = (id: SessionId, tenant: TenantId, events: readonly CloudEvent[]): Vcon | null =>
  vconOf({ id, tenant }, replay(events, null)!, events);

const exported = (row: SessionRow): Vcon => vconFrom(row.id, row.tenant, timelineOf(row).events)!;

type Reports = readonly (readonly [Parameters<typeof incoming>[0], number, number?])[];

/** A call that is announced at the start and of which this is reported, seconds after it. */
function callOf(reports: Reports, call: Call = CALL, plan = ROUTED): SessionRow {
  const row = announce(emptyRow(IDENTITY, START_MS), call, plan, null, at(START_MS));
  return reports.reduce((known, [type, s, sipCode = null]) => {
    const atMs = START_MS + s * 1000;
    return report(known, incoming(type, atMs, { sipCode }), at(atMs)).row;
  }, row);
}

function redirect(row: SessionRow, s: number): SessionRow {
  const atMs = START_MS + s * 1000;
  const data = { by: "supervisor", uri: "sip:desk@192.0.2.1", destination: "desk" };
  return record(row, at(atMs), "session.redirected", atMs, data);
}

const second = (s: number): string => new Date(START_MS + s * 1000).toISOString();

describe("[VCON-1] any ended session", () => {
  it("is a vCon by the working group's schema, also as those see it who may not see personal data", () => {
    const lives = timeline(["left" as TenantId]);
    let ended = 0;
    fc.assert(
      fc.property(lives, ({ summary, events }) => {
        const vcon = vconFrom(summary.id, summary.tenant, events);
        expect(vcon === null).toBe(!isTerminal(summary.phase));
        ended += vcon === null ? 0 : 1;
        expect(vcon === null ? [] : [faults(vcon), faults(maskJson(vcon))].flat()).toEqual([]);
        expect(vcon?.attachments[0]?.body.length ?? events.length).toBe(events.length);
      }),
      { numRuns: 400, seed: 8 },
    );
    expect(ended).toBeGreaterThan(150);
  });

  it("has an id of version 8 that stays, and tells when it was made and changed", () => {
    const row = callOf([
      ["answered", 2],
      ["ended", 5],
    ]);
    const vcon = exported(row);
    expect(vcon.uuid).toBe(row.id);
    expect(vconIdOf("0192f000-0000-7000-8000-000000000001" as SessionId)).toBe("0192f000-0000-8000-8000-000000000001");
    expect(vcon).toMatchObject({ vcon: "0.4.0", created_at: second(5) });
    expect(vcon.updated_at).toBeUndefined();
    const later = report(row, incoming("ringing", START_MS), at(START_MS + 9_000)).row;
    expect(exported(later)).toMatchObject({ uuid: vcon.uuid, created_at: second(5), updated_at: second(9) });
  });
});

describe("[VCON-1] the dialog of a call", () => {
  it("that was answered says when, how long and who, without a recording", () => {
    const { dialog, parties } = exported(
      callOf([
        ["ringing", 1],
        ["answered", 3],
        ["ended", 45],
      ]),
    );
    expect(parties).toEqual([{ tel: "tel:+15551230001" }, { tel: "tel:+15551230002" }]);
    expect(dialog).toEqual([
      {
        type: "recording",
        start: second(3),
        duration: 42,
        parties: [0, 1],
        originator: 0,
        application: "trunkline",
        party_history: [
          { party: 0, time: second(3), event: "join" },
          { party: 1, time: second(3), event: "join" },
          { party: 0, time: second(45), event: "drop" },
          { party: 1, time: second(45), event: "drop" },
        ],
      },
    ]);
  });

  it.each<[string, string, Reports]>([
    ["busy", "busy", [["failed", 4, 486]]],
    ["declined", "busy", [["failed", 4, 603]]],
    [
      "without an answer",
      "no-answer",
      [
        ["ringing", 1],
        ["failed", 30, 480],
      ],
    ],
    [
      "cancelled",
      "hung-up",
      [
        ["ringing", 1],
        ["cancelled", 4],
      ],
    ],
    ["of a number that nobody has", "failed", [["failed", 1, 404]]],
    [
      "failed over in vain",
      "congestion",
      [
        ["failover", 2, 503],
        ["failed", 4, 503],
      ],
    ],
  ])("%s is incomplete: %s", (_, disposition, reports) => {
    const vcon = exported(callOf(reports));
    expect(vcon.dialog).toMatchObject([{ type: "incomplete", disposition, parties: [0, 1] }]);
    expect(vcon.dialog[0]).not.toHaveProperty("duration");
    expect(faults(vcon)).toEqual([]);
  });

  it("that was refused is incomplete, too", () => {
    expect(exported(callOf([], CALL, REJECTED)).dialog).toMatchObject([{ type: "incomplete", disposition: "failed" }]);
  });

  it("that was redirected while they talked has a transfer from it", () => {
    const talking = callOf([["answered", 2]]);
    const row = report(redirect(talking, 10), incoming("ended", START_MS + 20_000), at(START_MS + 20_000)).row;
    const vcon = exported(row);
    expect(vcon.parties[2]).toEqual({ sip: "sip:desk@192.0.2.1" });
    expect(vcon.dialog.slice(1)).toEqual([
      {
        type: "transfer",
        start: second(10),
        application: "trunkline",
        transferee: 0,
        transferor: 1,
        transfer_target: 2,
        original: 0,
      },
    ]);
    expect(faults(vcon)).toEqual([]);
  });

  it("that was redirected twice before anybody answered went on with the last target", () => {
    const redirected = redirect(redirect(callOf([["ringing", 1]]), 4), 6);
    const answered = report(redirected, incoming("answered", START_MS + 8_000), at(START_MS + 8_000)).row;
    const vcon = exported(report(answered, incoming("ended", START_MS + 9_000), at(START_MS + 9_000)).row);
    const [call, first, last] = vcon.dialog;
    expect(call).toMatchObject({ type: "recording", duration: 1 });
    expect(first).not.toHaveProperty("target_dialog");
    expect(last).toMatchObject({ type: "transfer", transfer_target: 3, target_dialog: 0 });
    expect(last).not.toHaveProperty("original");
    expect(faults(vcon)).toEqual([]);
  });

  it("that was escalated counts as talk where somebody answered", () => {
    const talking = callOf([["answered", 2]]);
    const state = { ...talking.state, phase: "escalated", endedAtMs: START_MS + 6_000, disposition: "answered" } as const;
    const row = settle(talking, at(START_MS + 6_000), { state, applied: true, duplicate: false, ended: true });
    expect(exported(row).dialog).toMatchObject([{ type: "recording", duration: 4 }]);
  });

  it("that another system records begins when that system says", () => {
    const recording = { call: CALL, direction: "outbound", startedMs: START_MS - 60_000, tags: [] } as const;
    const begun = beginRecorded(emptyRow(IDENTITY, START_MS), recording, "pbx", at(START_MS));
    const row = endRecorded(begun, { endedMs: START_MS - 18_500, disposition: "sold" }, "pbx", at(START_MS));
    expect(exported(row).dialog).toMatchObject([{ type: "recording", start: second(-60), duration: 41.5 }]);
    expect(faults(exported(row))).toEqual([]);
  });
});

describe("[VCON-1] the parties of an emergency call", () => {
  const emergency = (location: Location): Vcon =>
    exported(
      callOf(
        [
          ["answered", 2],
          ["ended", 5],
        ],
        {
          ...CALL,
          from: { kind: "sip", uri: "sip:alice@192.0.2.7", user: "alice", host: "192.0.2.7" },
          to: { kind: "short", digits: "112" },
          location,
        },
      ),
    );

  it("have the caller's position", () => {
    const vcon = emergency({ type: "geodetic", latitude: -34.407242, longitude: 150.882518, uncertaintyM: 30 });
    expect(vcon.parties).toEqual([
      { sip: "sip:alice@192.0.2.7", gmlpos: "-34.407242 150.882518" },
      { tel: `tel:112;phone-context=${TENANT}.trunkline.invalid` },
    ]);
    expect(faults(vcon)).toEqual([]);
  });

  it("have the caller's address, and nothing of it for those who may not see personal data", () => {
    const vcon = emergency({
      type: "civic",
      country: "DE",
      city: "Berlin",
      street: "Hauptstraße",
      houseNumber: "7",
      floor: "3",
    });
    expect(vcon.parties[0]?.civicaddress).toEqual({ country: "DE", a3: "Berlin", a6: "Hauptstraße", hno: "7", flr: "3" });
    expect(faults(vcon)).toEqual([]);
    const masked = maskJson(vcon) as Vcon;
    expect(masked.parties[0]).toMatchObject({ sip: `sip:${MASK}`, civicaddress: { a3: MASK, hno: MASK } });
    expect(JSON.stringify(masked)).not.toMatch(/Berlin|Hauptstra|alice/);
    expect(faults(masked)).toEqual([]);
  });

  it("are nobody where nobody was named", () => {
    const bare = report(emptyRow(IDENTITY, START_MS), incoming("failed", START_MS, { sipCode: 503 }), at(START_MS)).row;
    expect(exported(bare).parties).toEqual([{}, {}]);
    expect(faults(exported(bare))).toEqual([]);
  });
});
