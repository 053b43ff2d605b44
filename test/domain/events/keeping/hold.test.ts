import { describe, expect, it } from "vitest";
import { type Hold, type HoldScope, holdOfNumber, isHeld, isHeldDay } from "../../../../domain/events/keeping/hold.ts";
import { INITIAL_STATE, withErasure, withHold } from "../../../../domain/events/keeping/state.ts";
import { DAY_MS, beginOf } from "../../../../domain/events/keys.ts";
import { erasureOf, eventOf } from "./fixture.ts";

const DAY = "2026/01/10";
const began = beginOf(DAY);
const onTheDay = { minAtMs: began, maxAtMs: began + DAY_MS - 1 };

const holdOf = (scope: HoldScope, changes: Partial<Hold> = {}): Hold => ({
  id: "h1",
  scope,
  fromMs: null,
  toMs: null,
  reason: "court order",
  createdMs: 0,
  createdBy: "counsel",
  liftedMs: null,
  liftedBy: null,
  ...changes,
});
const everything = holdOf({ tag: "everything" });

describe("a legal hold", () => {
  it("[KEEP-2] keeps each day that it reaches into, by when events happened", () => {
    const held = (hold: Hold, occurred = onTheDay) => isHeldDay(DAY, occurred, [hold]);
    expect(held(everything)).toBe(true);
    expect(held(holdOf({ tag: "call", callId: "c" }))).toBe(true);
    expect(held({ ...everything, fromMs: began + DAY_MS })).toBe(false);
    expect(held({ ...everything, fromMs: began + DAY_MS - 1 })).toBe(true);
    expect(held({ ...everything, toMs: began })).toBe(false);
    // Stored on the day, and happened a month before.
    expect(held({ ...everything, toMs: began }, { ...onTheDay, minAtMs: began - 30 * DAY_MS })).toBe(true);
    expect(held({ ...everything, liftedMs: 1 })).toBe(false);
  });

  it("[KEEP-2] covers events of its call, of its number however written, in its time", () => {
    const event = eventOf({ subject: "c-1", caller: "+49 151 1234567", time: new Date(began).toISOString() });
    expect(isHeld(event, holdOf({ tag: "call", callId: "c-1" }))).toBe(true);
    expect(isHeld(event, holdOf({ tag: "call", callId: "c-2" }))).toBe(false);
    expect(isHeld(event, holdOf({ tag: "number", number: "+491511234567" }))).toBe(true);
    expect(isHeld(event, holdOf({ tag: "number", number: "+491511234568" }))).toBe(false);
    expect(isHeld(event, { ...everything, fromMs: began, toMs: began + 1 })).toBe(true);
    expect(isHeld(event, { ...everything, toMs: began })).toBe(false);
    expect(isHeld(event, { ...everything, liftedMs: 1 })).toBe(false);
  });

  it("[KEEP-2] refuses the erasure of what it covers, until it is lifted", () => {
    const ofNumber = holdOf({ tag: "number", number: "+49 151 1234567" });
    expect(holdOfNumber("491511234567", [ofNumber])).toBe(ofNumber);
    expect(holdOfNumber("4915112345678", [ofNumber])).toBeNull();
    const held = { ...INITIAL_STATE, holds: [everything] };
    expect(withErasure(held, erasureOf("e1"), "491511234567")).toEqual({ ok: false, error: { tag: "held", hold: everything } });
    expect(withErasure(INITIAL_STATE, erasureOf("e1"), "491511234567").ok).toBe(true);
  });

  it("[KEEP-2] comes too late for a number that is being erased", () => {
    const erasing = { ...INITIAL_STATE, erasures: [erasureOf("e1")] };
    const outcome = withHold(erasing, holdOf({ tag: "number", number: "+491511234567" }), erasureOf("e1").numberHash);
    expect(outcome).toEqual({ ok: false, error: { tag: "being_erased", erasure: "e1" } });
    expect(withHold(erasing, everything, null).ok).toBe(true);
  });
});
