import { describe, expect, it } from "vitest";
import { DEFAULT_EMERGENCY_SETTINGS } from "../../../domain/configuration/model.ts";
import { type EmergencyCaller, MAX_CALLERS, calledBack, withCaller } from "../../../domain/emergency/callers.ts";
import type { Address } from "../../../domain/numbers/address.ts";
import type { SessionId } from "../../../domain/shared/ids.ts";

const NOW = 10_000_000;
const DAY_MS = 86_400_000;
const MAIN_LINE = "+493012345";
const number = (e164: string): Address => ({ kind: "e164", e164 });
const desk = (digits: string): Address => ({ kind: "short", digits });
const PSAP = number("+4930112000");

const caller = (session: string, changes: Partial<EmergencyCaller> = {}): EmergencyCaller => ({
  callback: MAIN_LINE,
  from: desk("17"),
  session: session as SessionId,
  atMs: NOW,
  ...changes,
});
const call = (changes: Partial<Parameters<typeof calledBack>[1]> = {}) => ({
  from: PSAP,
  to: number(MAIN_LINE),
  isSaid: false,
  ...changes,
});
const settings = (changes: Partial<typeof DEFAULT_EMERGENCY_SETTINGS> = {}) => ({ ...DEFAULT_EMERGENCY_SETTINGS, ...changes });

describe("[EMG-15] an answering point's callback", () => {
  it("is a call to the number that it was told, or to the caller itself", () => {
    const known = [caller("a")];
    expect(calledBack(known, call(), settings(), NOW)?.caller.session).toBe("a");
    expect(calledBack(known, call({ to: desk("17") }), settings(), NOW)?.caller.session).toBe("a");
    expect(calledBack(known, call({ to: desk("18") }), settings(), NOW)).toBeNull();
  });

  it("reaches the last one who called for help from behind the number", () => {
    const known = [caller("new", { from: desk("18"), atMs: NOW - 1_000 }), caller("old", { atMs: NOW - 60_000 })];
    expect(calledBack(known, call(), settings(), NOW)?.caller.session).toBe("new");
  });

  it("is one as long as the tenant says, and not at all where it says so", () => {
    const window = { callbackWindowMs: 60_000 };
    const after = (ms: number) => calledBack([caller("a")], call(), settings(window), NOW + ms);
    expect([after(59_999)?.caller.session, after(60_000)]).toEqual(["a", null]);
    expect(calledBack([caller("a")], call(), settings({ callbackWindowMs: 0 }), NOW)).toBeNull();
  });

  it("comes from the numbers that the tenant names, or says that it is one", () => {
    const named = settings({ answeringPointNumbers: ["+4930112*", "112"] });
    const from = (address: Address, isSaid = false) => calledBack([caller("a")], call({ from: address, isSaid }), named, NOW);
    expect([from(PSAP), from(desk("112"))].map((found) => found?.caller.session)).toEqual(["a", "a"]);
    expect(from(number("+15551230001"))).toBeNull();
    expect(from(number("+15551230001"), true)?.caller.session).toBe("a");
  });

  it("is only possibly one where nobody says from where answering points call", () => {
    const [known, anybody] = [[caller("a")], number("+15551230001")];
    expect(calledBack(known, call({ from: anybody }), settings(), NOW)).toMatchObject({ isAnsweringPoint: false });
    expect(calledBack(known, call({ from: anybody, isSaid: true }), settings(), NOW)).toMatchObject({ isAnsweringPoint: true });
    const named = settings({ answeringPointNumbers: ["+4930112*"] });
    expect(calledBack(known, call(), named, NOW)).toMatchObject({ isAnsweringPoint: true });
  });
});

describe("those who have called for help", () => {
  it("are kept newest first, once each", () => {
    const first = withCaller([], caller("a"), DAY_MS);
    const again = withCaller(
      withCaller(first, caller("b", { from: desk("18"), atMs: NOW + 1 }), DAY_MS),
      caller("c", { atMs: NOW + 2 }),
      DAY_MS,
    );
    expect(again.map(({ session }) => session)).toEqual(["c", "b"]);
    expect(withCaller(again, caller("c", { atMs: NOW + 2 }), DAY_MS)).toEqual(again);
  });

  it("are forgotten after a while, and when there are too many", () => {
    expect(withCaller([caller("old", { atMs: NOW - DAY_MS })], caller("new", { from: desk("1") }), DAY_MS)).toHaveLength(1);
    const many = Array.from({ length: MAX_CALLERS }, (_, at) => caller(`s${at}`, { from: desk(String(at)), atMs: NOW - at }));
    const kept = withCaller(many, caller("last", { from: desk("x"), atMs: NOW + 1 }), DAY_MS);
    expect([kept.length, kept[0]?.session, kept.at(-1)?.session]).toEqual([MAX_CALLERS, "last", `s${MAX_CALLERS - 2}`]);
  });
});
