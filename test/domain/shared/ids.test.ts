import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type EventId,
  type EventIdClock,
  type Lane,
  MAX_LOG_EPOCH,
  MAX_LOG_SHARDS,
  type TenantId,
  derivedSessionId,
  freshSessionId,
  idPrefixAt,
  laneOf,
  nextEventId,
  parseEventId,
  parseSessionId,
  parseTenantId,
  parseTrunkId,
  sessionIdSource,
  shardOfEventId,
  timeOfId,
} from "../../../domain/shared/ids.ts";

const MAX_TIME_MS = 2 ** 48 - 2;

const lane = fc.constantFrom<Lane>("standard", "emergency");
const random = fc.uint8Array({ minLength: 16, maxLength: 16 });
const timeMs = fc.nat({ max: MAX_TIME_MS });
const shard = fc.record({ epoch: fc.nat({ max: MAX_LOG_EPOCH }), number: fc.nat({ max: MAX_LOG_SHARDS - 1 }) });
const FRESH: EventIdClock = { ms: 0, counter: 0 };

/** As a client would read it: RFC 9562 §4, version in the thirteenth digit, variant 10 in the seventeenth. */
const uuid = (version: 7 | 8): RegExp =>
  new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`);

describe("[ID-1] every id", () => {
  it("is a UUID by RFC 9562 with its version and variant, in lower case, whatever the random bytes", () => {
    fc.assert(
      fc.property(random, timeMs, lane, shard, (bytes, ms, on, to) => {
        expect(derivedSessionId(bytes, on)).toMatch(uuid(8));
        expect(freshSessionId(ms, bytes, on)).toMatch(uuid(7));
        expect(nextEventId(FRESH, ms, bytes, on, to).id).toMatch(uuid(7));
      }),
    );
  });

  it("leaves the bytes that it is made from as they were", () => {
    const bytes = new Uint8Array(32).fill(0xff);
    derivedSessionId(bytes, "standard");
    freshSessionId(5, bytes, "standard");
    nextEventId(FRESH, 5, bytes, "standard", { epoch: 0, number: 0 });
    expect(bytes.every((byte) => byte === 0xff)).toBe(true);
  });
});

describe("[ID-2] an id tells", () => {
  it("its lane, and an event id also its time and its shard", () => {
    fc.assert(
      fc.property(random, timeMs, lane, shard, (bytes, ms, on, to) => {
        const { id } = nextEventId(FRESH, ms, bytes, on, to);
        expect({ lane: laneOf(id), ms: timeOfId(id), shard: shardOfEventId(id) }).toEqual({ lane: on, ms, shard: to });
        expect(laneOf(derivedSessionId(bytes, on))).toBe(on);
        expect(laneOf(freshSessionId(ms, bytes, on))).toBe(on);
      }),
    );
  });

  it("its lane in the seventeenth digit: 8 or 9 standard, a or b emergency", () => {
    const digit = (on: Lane): string => derivedSessionId(new Uint8Array(32).fill(0xff), on)[19]!;
    expect([digit("standard"), digit("emergency")]).toEqual(["9", "b"]);
  });
});

describe("[ID-3] event ids", () => {
  it("grow with every event, also when the clock stands still or steps back", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -10_000, max: 10_000 }), random), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(steps, lane, shard, (moves, on, to) => {
        let clock = FRESH;
        let nowMs = 1_772_366_400_000;
        let last = "";
        for (const [moveMs, bytes] of moves) {
          nowMs += moveMs;
          const next = nextEventId(clock, nowMs, bytes, on, to);
          expect(next.id > last).toBe(true);
          expect(timeOfId(next.id)).toBeGreaterThanOrEqual(nowMs);
          ({ id: last, clock } = next);
        }
      }),
    );
  });

  it("grow beyond what fits into one millisecond, and run ahead of it by as little as that takes", () => {
    const made = 10_000;
    let clock = FRESH;
    const ids: EventId[] = [];
    for (let index = 0; index < made; index++) {
      const bytes = new Uint8Array(16).fill(255 - (index % 256));
      const next = nextEventId(clock, 1_000, bytes, "standard", { epoch: 0, number: 0 });
      clock = next.clock;
      ids.push(next.id);
    }
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(timeOfId(ids[4_095]!)).toBe(1_000);
    expect(timeOfId(ids[4_096]!)).toBe(1_001);
    expect(timeOfId(ids.at(-1)!)).toBe(1_002);
  });
});

describe("[ID-4] the session id of a call with an identity outside", () => {
  const digestOf = (tenant: string, source: string, external: string): Uint8Array =>
    createHash("sha256")
      .update(sessionIdSource(tenant as TenantId, source, external))
      .digest();

  it("is the same every time, and another for another tenant, source, external id or lane", () => {
    const base = ["demo", "pbx", "call-1"] as const;
    const id = derivedSessionId(digestOf(...base), "standard");
    expect(derivedSessionId(digestOf(...base), "standard")).toBe(id);
    const others = [
      derivedSessionId(digestOf("demo2", "pbx", "call-1"), "standard"),
      derivedSessionId(digestOf("demo", "api", "call-1"), "standard"),
      derivedSessionId(digestOf("demo", "pbx", "call-2"), "standard"),
      derivedSessionId(digestOf(...base), "emergency"),
    ];
    expect(new Set([id, ...others]).size).toBe(5);
  });

  it("is derived from text that no other triple gives, whatever separators stand in it", () => {
    const part = fc.string({ unit: fc.constantFrom(..."12:|a"), maxLength: 6 });
    fc.assert(
      fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (one, other) => {
        const same = one.every((text, index) => text === other[index]);
        const source = (parts: readonly [string, string, string]): string =>
          sessionIdSource(parts[0] as TenantId, parts[1], parts[2]);
        expect(source(one) === source(other)).toBe(same);
      }),
      { numRuns: 5_000 },
    );
    expect(sessionIdSource("a" as TenantId, "b|1:c", "d")).not.toBe(sessionIdSource("a" as TenantId, "b", "1:c|d"));
  });
});

describe("[ID-5] an id's prefix for a time", () => {
  it("divides the ids made before it from those made at or after it", () => {
    fc.assert(
      fc.property(timeMs, timeMs, random, shard, (boundMs, ms, bytes, to) => {
        const { id } = nextEventId(FRESH, ms, bytes, "standard", to);
        expect(id >= idPrefixAt(boundMs)).toBe(ms >= boundMs);
        expect(id < idPrefixAt(boundMs + 1)).toBe(ms <= boundMs);
        expect(id.startsWith(idPrefixAt(ms))).toBe(true);
      }),
    );
  });

  it("of a time before 1970 is that of the first id", () => {
    expect(idPrefixAt(-1)).toBe("00000000-0000-");
    expect(idPrefixAt(1.9)).toBe(idPrefixAt(1));
  });
});

describe("[ID-6] reading ids", () => {
  const SESSION = "7d3f0c1e-9b2a-8c4d-9e6f-0123456789ab";
  const EVENT = "019514a0-7c00-7000-8010-0123456789ab";

  it("takes either case and gives lower case", () => {
    expect(parseSessionId(SESSION.toUpperCase())).toEqual({ ok: true, value: SESSION });
    expect(parseEventId(EVENT.toUpperCase())).toEqual({ ok: true, value: EVENT });
    expect(parseSessionId(EVENT)).toEqual({ ok: true, value: EVENT });
  });

  it.each([
    "",
    "x",
    SESSION.slice(1),
    `${SESSION}0`,
    `${SESSION}\n`,
    ` ${SESSION}`,
    SESSION.replaceAll("-", ""),
    `{${SESSION}}`,
    SESSION.replace("8c4d", "4c4d"),
    SESSION.replace("9e6f", "ce6f"),
    SESSION.replace("0123", "012g"),
    "../../etc/passwd",
    "00000000-0000-0000-0000-000000000000",
  ])("refuses %j", (raw) => {
    expect(parseSessionId(raw)).toEqual({ ok: false, error: "bad_session_id" });
    expect(parseEventId(raw)).toEqual({ ok: false, error: "bad_event_id" });
  });

  it("does not take a session's derived id for an event's", () => {
    expect(parseEventId(SESSION).ok).toBe(false);
  });

  it("never throws and takes nothing but UUIDs", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (raw) => {
        expect(parseSessionId(raw).ok).toBe(false);
      }),
    );
  });
});

describe("[ID-7] tenants and trunks", () => {
  it.each(["demo", "a", "1", "st-marys-hospital", "a".repeat(32)])("may be called %s", (raw) => {
    expect(parseTenantId(raw)).toEqual({ ok: true, value: raw });
    expect(parseTrunkId(raw)).toEqual({ ok: true, value: raw });
  });

  it.each(["", "-a", "a-", "Demo", "a_b", "a b", "a/b", "..", "a\n", "*", "ä", "a".repeat(33)])(
    "may not be called %j",
    (raw) => {
      expect(parseTenantId(raw)).toEqual({ ok: false, error: "bad_tenant_id" });
      expect(parseTrunkId(raw)).toEqual({ ok: false, error: "bad_trunk_id" });
    },
  );
});
