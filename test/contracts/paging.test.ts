import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursorOf, parseCursor, parseLimit } from "../../contracts/paging.ts";

const LIST = { list: "trunks", filters: { kind: ["carrier", "pbx"] } };
const BAD = { ok: false, error: "bad_cursor" };

describe("[CFG-3] cursors", () => {
  it("lead back to their key, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 }), (key) => {
        const cursor = cursorOf(LIST, key);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(parseCursor(LIST, cursor)).toEqual({ ok: true, value: key });
      }),
    );
  });

  it("belong to one list and its filters, whose order does not matter", () => {
    const cursor = cursorOf(LIST, "main");
    expect(parseCursor({ list: "trunks", filters: { kind: ["pbx", "carrier"] } }, cursor)).toEqual({ ok: true, value: "main" });
    expect(parseCursor({ list: "destinations", filters: LIST.filters }, cursor)).toEqual(BAD);
    expect(parseCursor({ list: "trunks", filters: {} }, cursor)).toEqual(BAD);
    expect(parseCursor({ list: "trunks", filters: { kind: ["pbx"] } }, cursor)).toEqual(BAD);
    expect(parseCursor({ list: "trunks", filters: { auth: ["carrier", "pbx"] } }, cursor)).toEqual(BAD);
  });

  it("are noticed when one character is another", () => {
    const cursor = cursorOf(LIST, "main-trunk");
    for (let at = 0; at < cursor.length; at++) {
      const other = cursor[at] === "A" ? "B" : "A";
      expect(parseCursor(LIST, cursor.slice(0, at) + other + cursor.slice(at + 1))).toEqual(BAD);
    }
  });

  it("of any other kind are bad", () => {
    for (const text of ["", "a", "====", "ä", cursorOf(LIST, "a").slice(1), `${cursorOf(LIST, "a")}A`, "A".repeat(5_000)])
      expect(parseCursor(LIST, text)).toEqual(BAD);
    fc.assert(fc.property(fc.string(), (text) => void expect(parseCursor(LIST, text)).toEqual(BAD)));
  });
});

describe("[CFG-3] limits of pages", () => {
  it.each([
    [undefined, 50],
    ["1", 1],
    ["500", 500],
  ])("%s is %s", (text, limit) => expect(parseLimit(text)).toEqual({ ok: true, value: limit }));

  it.each(["0", "501", "-1", "1.5", "", "ten", "1e2", "9999999"])("%s is none", (text) => {
    expect(parseLimit(text)).toEqual({ ok: false, error: "bad_limit" });
  });
});
