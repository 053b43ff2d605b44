import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_TAIL_CURSOR, type TailPlace, parseTailCursor, tailCursorOf } from "../../../contracts/events/tail.ts";
import { parseTail } from "../../../contracts/events/tail-request.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";

const IDENTITY = { list: "tail of acme", filters: { type: ["call.*"] } };
const OTHER = { ...IDENTITY, filters: { type: ["leg.*"] } };

const place: fc.Arbitrary<TailPlace> = fc.record({
  sinceMs: fc.integer({ min: 0, max: 4e12 }),
  offsets: fc
    .dictionary(
      fc.tuple(fc.constantFrom("local", "eu-west"), fc.nat(15), fc.nat(255)).map((parts) => parts.join("-")),
      fc.integer({ min: 0, max: 2 ** 45 }),
      { maxKeys: 40 },
    )
    .map((entries) => new Map(Object.entries(entries))),
});

describe("[QRY-7] the cursor of a tail", () => {
  it("brings the reader back to where it was, in every shard", () => {
    fc.assert(
      fc.property(place, (each) => {
        expect(parseTailCursor(IDENTITY, tailCursorOf(IDENTITY, each))).toEqual({ ok: true, value: each });
      }),
    );
  });

  it("is of one tenant and one filter, and notices damage", () => {
    const cursor = tailCursorOf(IDENTITY, { sinceMs: 5, offsets: new Map([["local-15-0", 7]]) });
    for (const [identity, text] of [
      [OTHER, cursor],
      [IDENTITY, cursor.slice(0, -1)],
      [IDENTITY, `${cursor}A`],
      [IDENTITY, ""],
      [IDENTITY, "A".repeat(MAX_TAIL_CURSOR + 1)],
    ] as const)
      expect(parseTailCursor(identity, text)).toEqual({ ok: false, error: "bad_cursor" });
  });

  it("stays short with any number of shards: then it has the time alone", () => {
    const offsets = new Map(
      Array.from({ length: 2_000 }, (_, index) => [`local-${index >> 8}-${index & 255}`, 2 ** 40 + index]),
    );
    const cursor = tailCursorOf(IDENTITY, { sinceMs: 1_790_000_000_000, offsets });
    expect(cursor.length).toBeLessThan(100);
    expect(parseTailCursor(IDENTITY, cursor)).toEqual({ ok: true, value: { sinceMs: 1_790_000_000_000, offsets: new Map() } });
  });

  it("comes from the header of a reader that comes back, before the parameter that it began with", () => {
    const tenant = "acme" as TenantId;
    const query = new URLSearchParams({ type: "call.*" });
    const begun = parseTail(query, null, tenant);
    const identity = begun.ok ? begun.value.identity : IDENTITY;
    const [old, fresh] = [1, 2].map((sinceMs) => tailCursorOf(identity, { sinceMs, offsets: new Map() })) as [string, string];
    query.set("after", old);
    expect(parseTail(query, null, tenant)).toMatchObject({ ok: true, value: { after: { sinceMs: 1 } } });
    expect(parseTail(query, fresh, tenant)).toMatchObject({ ok: true, value: { after: { sinceMs: 2 } } });
    expect(parseTail(query, fresh, "other" as TenantId)).toEqual({ ok: false, error: { code: "bad_cursor" } });
    query.set("type", "leg.*");
    expect(parseTail(query, fresh, tenant)).toEqual({ ok: false, error: { code: "bad_cursor" } });
  });
});
