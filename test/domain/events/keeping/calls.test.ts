import { describe, expect, it } from "vitest";
import { type ActiveErasure, JOIN_MS, MAX_CALLS_OF_ERASURE, isJoinable } from "../../../../domain/events/keeping/erasure.ts";
import { createRedact } from "../../../../domain/events/keeping/redaction.ts";
import { INITIAL_STATE, withBegun, withCallErasure, withHold } from "../../../../domain/events/keeping/state.ts";
import { type EventId, nextEventId } from "../../../../domain/shared/ids.ts";
import type { Hold, HoldScope } from "../../../../domain/events/keeping/hold.ts";
import { erasureOf } from "./fixture.ts";

const STORED_MS = Date.parse("2026-03-01T12:00:00.000Z");
const ID: EventId = nextEventId({ ms: 0, counter: 0 }, STORED_MS, new Uint8Array(16), "standard", { epoch: 0, number: 1 }).id;
const event = (more: object) => ({
  specversion: "1.0",
  id: ID,
  source: "/tenants/acme/calls",
  type: "dev.trunkline.call.received.v1",
  subject: "call-1",
  time: "2026-03-01T12:00:00.000Z",
  recordedtime: "2026-03-01T12:00:00.000Z",
  sequence: "0000000001",
  caller: "+15551230001",
  datacontenttype: "application/json",
  data: { from: "+15551230001", name: "Jane" },
  ...more,
});
const holdOf = (scope: HoldScope): Hold => ({
  id: "h1",
  scope,
  fromMs: null,
  toMs: null,
  reason: "case 1",
  createdMs: STORED_MS,
  createdBy: "legal",
  liftedMs: null,
  liftedBy: null,
});
const ofCalls = (calls: readonly string[]): ActiveErasure => ({ ...erasureOf("e1"), numberHash: null, sealed: null, calls });

describe("[KEEP-3] erasing calls", () => {
  const redact = createRedact([{ id: "era-1", calls: ["call-1", "call-2"], untilMs: STORED_MS + 1 }]);

  it("takes what its events tell, and leaves their place, type, times and call", () => {
    const left = JSON.parse(redact(JSON.stringify(event({})))) as Record<string, unknown>;
    expect(left).toMatchObject({ id: ID, subject: "call-1", sequence: "0000000001", erased: "era-1", data: {} });
    expect(JSON.stringify(left)).not.toMatch(/1555|Jane/);
    expect(redact(JSON.stringify(left))).toBe(JSON.stringify(left));
  });

  it("leaves other calls, what is stored later, and calls that are only spoken of", () => {
    const lines = [
      JSON.stringify(event({ subject: "call-3", data: { subject: "call-1" } })),
      JSON.stringify(event({ subject: "call-10" })),
    ];
    for (const line of lines) expect(redact(line)).toBe(line);
    const before = createRedact([{ id: "era-1", calls: ["call-1"], untilMs: STORED_MS }]);
    expect(before(JSON.stringify(event({})))).toBe(JSON.stringify(event({})));
  });

  it("finds a call whose id is written with escapes", () => {
    const line = JSON.stringify(event({})).replace('"call-1"', String.raw`"\u0063all-1"`);
    expect(redact(line)).toContain("era-1");
  });

  it("is forbidden by a hold of one of the calls or of everything, and forbids one", () => {
    for (const scope of [{ tag: "call", callId: "call-1" } as const, { tag: "everything" } as const]) {
      const held = { ...INITIAL_STATE, holds: [holdOf(scope)] };
      expect(withCallErasure(held, ofCalls(["call-1"]))).toMatchObject({ ok: false, error: { tag: "held" } });
    }
    const erasing = withCallErasure(INITIAL_STATE, ofCalls(["call-1"]));
    const state = erasing.ok ? erasing.value : INITIAL_STATE;
    const late = withHold(state, holdOf({ tag: "call", callId: "call-1" }), null);
    expect(late).toMatchObject({ ok: false, error: { tag: "being_erased", erasure: "e1" } });
    expect(withHold(state, holdOf({ tag: "call", callId: "call-2" }), null).ok).toBe(true);
  });

  it("takes more calls for a while, before it is begun, and is not begun with those that it has not looked at", () => {
    const open = { ...ofCalls(["call-1"]), state: "accepted" as const };
    const { reason, acceptedBy, acceptedMs } = open;
    expect(isJoinable(open, reason, acceptedBy, acceptedMs + JOIN_MS - 1)).toBe(true);
    expect(isJoinable(open, reason, acceptedBy, acceptedMs + JOIN_MS)).toBe(false);
    expect(isJoinable(open, "another", acceptedBy, acceptedMs)).toBe(false);
    expect(isJoinable({ ...open, state: "rewriting" }, reason, acceptedBy, acceptedMs)).toBe(false);
    const full = Array.from({ length: MAX_CALLS_OF_ERASURE }, (_, index) => `c${index}`);
    expect(isJoinable({ ...open, calls: full }, reason, acceptedBy, acceptedMs)).toBe(false);
    const joined = { ...open, calls: ["call-1", "call-2"], untilMs: open.untilMs + 1 };
    const state = { ...INITIAL_STATE, erasures: [joined] };
    expect(withBegun(state, { ...open, state: "rewriting" })).toMatchObject({ ok: false });
    expect(withBegun(state, { ...joined, state: "rewriting" })).toMatchObject({ ok: true });
    // Also when a clock said the same time twice.
    const atOnce = { ...INITIAL_STATE, erasures: [{ ...joined, untilMs: open.untilMs }] };
    expect(withBegun(atOnce, { ...open, state: "rewriting" })).toMatchObject({ ok: false });
  });
});
