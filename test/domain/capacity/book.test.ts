import { describe, expect, it } from "vitest";
import { CapacityBook, ENDED_MEMORY_MS } from "../../../domain/capacity/book.ts";
import { LEASE_MS, WAITING_MS } from "../../../domain/capacity/lease.ts";
import { WATCH_MS } from "../../../domain/call/timers.ts";
import { T0, asks, bound, policy, session } from "./fixture.ts";

const TRUNK = "trunk/main";
const trunk = (...of: Parameters<typeof policy>) => [bound(TRUNK, policy(...of))];
const gate = (name: string, maxCalls: number) => [bound(`destination/${name}`, policy(maxCalls))];
const emergency = (number: number, order = 0) =>
  ({ session: session(number), kind: "emergency", scopes: [TRUNK], waits: true, order }) as const;
const useOf = (book: CapacityBook, scope: string, nowMs: number) => book.use(nowMs).find((each) => each.scope === scope);

describe("[CAP-4] a call takes all that it needs at once", () => {
  it("and nothing where something is missing", () => {
    const book = new CapacityBook([], T0);
    const always = [bound("tenant/acme", policy(9)), ...trunk(1)];
    expect(book.take(asks(1, "normal", always), T0)).toEqual({ tag: "taken", fresh: true, open: [0] });
    expect(book.take(asks(2, "normal", always), T0)).toEqual({ tag: "refused", scope: TRUNK, because: "calls" });
    expect(useOf(book, "tenant/acme", T0)?.inUse.normal).toBe(1);
  });

  it("passing over destinations without room, and refused when none has any", () => {
    const book = new CapacityBook([], T0);
    const places = [gate("a", 1), gate("b", 1), []];
    expect(book.take(asks(1, "normal", [], places), T0)).toMatchObject({ open: [0, 1, 2] });
    expect(book.take(asks(2, "normal", [], places), T0)).toMatchObject({ open: [1, 2] });
    expect(book.take(asks(3, "normal", [], places), T0)).toMatchObject({ open: [2] });
    expect(book.take(asks(4, "normal", [], places.slice(0, 2)), T0)).toMatchObject({ tag: "refused", scope: "destination/a" });
  });
});

describe("[CAP-5] a lease", () => {
  it("outlives a look that a session misses, and then ends", () => {
    expect(LEASE_MS).toBeGreaterThanOrEqual(2 * WATCH_MS);
    const book = new CapacityBook([], T0);
    book.take(asks(1, "normal", trunk(1)), T0);
    expect(book.take(asks(2, "normal", trunk(1)), T0 + LEASE_MS - 1)).toMatchObject({ tag: "refused" });
    expect(book.take(asks(2, "normal", trunk(1)), T0 + LEASE_MS)).toMatchObject({ tag: "taken" });
  });

  it("is renewed, and made anew by a renewal where it was lost", () => {
    const book = new CapacityBook([], T0);
    book.take(asks(1, "normal", trunk(1)), T0);
    const renewal = { tag: "renew", session: session(1), kind: "normal", scopes: [TRUNK], waits: false, order: 5 } as const;
    book.note(renewal, T0 + WATCH_MS);
    expect(book.take(asks(2, "normal", trunk(1)), T0 + LEASE_MS)).toMatchObject({ tag: "refused" });
    const lost = new CapacityBook([], T0);
    lost.note(renewal, T0);
    expect(lost.take(asks(2, "normal", trunk(1)), T0)).toMatchObject({ tag: "refused" });
    // It has not begun just now.
    expect(useOf(lost, TRUNK, T0)?.perSecond).toBe(0);
  });

  it("is not taken for a call that has ended meanwhile, which nobody would give back", () => {
    const book = new CapacityBook([], T0);
    book.take(asks(9, "normal", trunk(1)), T0);
    book.note({ tag: "release", session: session(1) }, T0);
    expect(book.take(asks(1, "normal", trunk(1), [[], []]), T0 + 1)).toEqual({ tag: "taken", fresh: false, open: [0, 1] });
    book.note({ tag: "release", session: session(9) }, T0 + 2_000);
    expect(book.take(asks(1, "normal", trunk(1)), T0 + ENDED_MEMORY_MS - 1)).toMatchObject({ fresh: false });
    expect(useOf(book, TRUNK, T0 + ENDED_MEMORY_MS - 1)?.inUse.normal).toBe(0);
  });

  it("is taken again where it was given back for a call that could not begin", () => {
    const book = new CapacityBook([], T0);
    book.take(asks(1, "normal", trunk(1)), T0);
    book.note({ tag: "release", session: session(1), unopened: true }, T0);
    expect(book.take(asks(1, "normal", trunk(1)), T0 + 1)).toMatchObject({ fresh: true });
    expect(book.take(asks(2, "normal", trunk(1)), T0 + 1)).toMatchObject({ tag: "refused" });
  });

  it("is taken once however often the call is set up, and given back once", () => {
    const book = new CapacityBook([], T0);
    expect(book.take(asks(1, "normal", trunk(2)), T0)).toMatchObject({ fresh: true });
    expect(book.take(asks(1, "normal", trunk(2)), T0)).toEqual({ tag: "taken", fresh: false, open: [0] });
    expect(useOf(book, TRUNK, T0)).toMatchObject({ inUse: { normal: 1 }, perSecond: 1 });
    for (let time = 0; time < 2; time++) book.note({ tag: "release", session: session(1) }, T0);
    expect(useOf(book, TRUNK, T0)?.inUse.normal).toBe(0);
  });

  it("moves with the call, may exceed the next destination's bound, and is not taken back by what was said before", () => {
    const book = new CapacityBook([], T0);
    book.take(asks(1, "normal", [], [gate("a", 1), gate("b", 1)]), T0);
    book.take(asks(2, "normal", [], [gate("b", 1)]), T0);
    const at = (scope: string, order: number, tag: "move" | "renew" = "move") =>
      ({ tag, session: session(1), kind: "normal", scopes: [scope], waits: false, order }) as const;
    book.note(at("destination/b", 7), T0);
    expect([useOf(book, "destination/a", T0)?.inUse.normal, useOf(book, "destination/b", T0)?.inUse.normal]).toEqual([0, 2]);
    book.note(at("destination/a", 6), T0);
    book.note(at("destination/a", 8, "renew"), T0);
    expect(useOf(book, "destination/b", T0)?.inUse.normal).toBe(2);
  });

  it("is not made by a word that arrives after the call's end", () => {
    const book = new CapacityBook([], T0);
    book.note({ tag: "release", session: session(1) }, T0);
    book.note({ tag: "begin", ...emergency(1) }, T0 + 1_000);
    expect(useOf(book, TRUNK, T0 + 1_000)).toBeUndefined();
  });

  it("goes along with a redirection where there is room, and one that has none takes none", () => {
    const book = new CapacityBook([], T0);
    book.take(asks(1, "normal", [], [gate("a", 1)]), T0);
    book.take(asks(2, "normal", [], [gate("b", 1)]), T0);
    expect(book.take(asks(1, "normal", [], [gate("b", 1)], true), T0)).toMatchObject({ tag: "refused" });
    expect(useOf(book, "destination/a", T0)?.inUse.normal).toBe(1);
    expect(book.take(asks(1, "normal", [], [gate("b", 1), gate("c", 1)], true), T0)).toMatchObject({ open: [1] });
    expect(useOf(book, "destination/a", T0)?.inUse.normal).toBe(0);
    expect(book.take(asks(3, "normal", [], [gate("a", 1)], true), T0)).toMatchObject({ tag: "taken", fresh: false });
    expect(useOf(book, "destination/a", T0)?.inUse.normal).toBe(0);
  });
});

describe("[CAP-2] while an emergency call is not answered", () => {
  it("no low call begins on its trunk, for as long as somebody may be waiting", () => {
    const book = new CapacityBook([], T0);
    const low = (number: number, nowMs: number) => book.take(asks(number, "low", trunk(100)), nowMs).tag;
    book.note({ tag: "begin", ...emergency(1) }, T0);
    expect([low(2, T0), book.take(asks(3, "normal", trunk(100)), T0).tag]).toEqual(["refused", "taken"]);
    book.note({ tag: "renew", ...emergency(1, 4), waits: false }, T0);
    expect(low(4, T0)).toBe("taken");
    book.note({ tag: "begin", ...emergency(5) }, T0);
    expect([low(6, T0 + WAITING_MS - 1), low(7, T0 + WAITING_MS)]).toEqual(["refused", "taken"]);
  });

  it("low calls on other trunks begin", () => {
    const book = new CapacityBook([], T0);
    book.note({ tag: "begin", ...emergency(1) }, T0);
    expect(book.take(asks(2, "low", [bound("trunk/other", policy(9))]), T0).tag).toBe("taken");
  });
});

describe("[CAP-6] calls per second", () => {
  it("are bounded in every second, not in those of the clock", () => {
    const book = new CapacityBook([], T0);
    const begin = (number: number, atMs: number) => book.take(asks(number, "normal", trunk(null, {}, 2)), T0 + atMs).tag;
    const told = [0, 900, 1_000, 1_001, 1_500, 1_900, 1_901].map((atMs, number) => begin(number, atMs));
    expect(told).toEqual(["taken", "taken", "refused", "taken", "refused", "refused", "taken"]);
  });

  it("count when the call was over at once, also in a book that is read again", () => {
    const book = new CapacityBook([], T0);
    book.take(asks(1, "normal", trunk(null, {}, 1)), T0);
    book.note({ tag: "release", session: session(1) }, T0 + 10);
    const { put, gone } = book.takeChanges();
    expect(gone).toEqual([]);
    const again = new CapacityBook(put, T0 + 900);
    expect(again.take(asks(2, "normal", trunk(null, {}, 1)), T0 + 900)).toMatchObject({ because: "rate" });
    expect(again.take(asks(2, "normal", trunk(null, {}, 1)), T0 + 1_001)).toMatchObject({ tag: "taken" });
    expect(again.takeChanges().gone).toEqual([session(1)]);
  });

  it("neither begin anew nor stop for long when the clock is put back", () => {
    const book = new CapacityBook([], T0);
    const begin = (number: number, nowMs: number) => book.take(asks(number, "normal", trunk(null, {}, 1)), nowMs).tag;
    expect(begin(1, T0)).toBe("taken");
    const back = T0 - 3_600_000;
    expect([begin(2, back), begin(3, back + 1_000), begin(4, back + 1_001)]).toEqual(["refused", "refused", "taken"]);
  });
});
