import { describe, expect, it } from "vitest";
import {
  type AuditSum,
  MAX_KINDS,
  OTHERS,
  SUM_WINDOW_MS,
  type SumWindow,
  kindOf,
  sumDetail,
  takeSum,
  toldApart,
} from "../../../domain/audit/sums.ts";
import { BEGUN_LIMIT_MS, HAND_OVER_DELAY_MS, handOverDelayMs, trailAlarmMs } from "../../../domain/audit/timing.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";

const refused = (actor: string, atMs: number): AuditSum => ({
  act: {
    tenant: "demo" as TenantId,
    actor,
    via: "api_key",
    action: "access.refused",
    resource: "trunks",
    requestId: "r",
    sourceIp: null,
  },
  result: { outcome: "refused", status: 403 },
  alike: "forbidden",
  count: 1,
  firstMs: atMs,
  lastMs: atMs,
});

describe("[AUD-2] a flood of refused accesses", () => {
  it("has an entry at once, and the rest of the minute another one with how often and between when", () => {
    let window: SumWindow | undefined;
    const entries: AuditSum[] = [];
    for (let ms = 0; ms < 1_000; ms++) {
      const taken = takeSum(window, refused("eve", ms), ms);
      window = taken.window;
      entries.push(...taken.entries);
    }
    expect(entries).toEqual([refused("eve", 0)]);
    expect(sumDetail(window!.held!)).toEqual({
      count: 999,
      first: "1970-01-01T00:00:00.001Z",
      last: "1970-01-01T00:00:00.999Z",
    });
    const later = takeSum(window, refused("eve", SUM_WINDOW_MS), SUM_WINDOW_MS);
    expect(later.entries.map(({ count }) => count)).toEqual([999, 1]);
    expect(sumDetail(later.entries[1]!)).toEqual({});
  });

  it("of ever different actors takes no more room than so many kinds", () => {
    const kinds = new Set<string>();
    for (let who = 0; who < 10 * MAX_KINDS; who++)
      kinds.add(kindOf(toldApart(refused(`key:${who}`, 0), (kind) => kinds.has(kind), kinds.size)));
    expect(kinds.size).toBe(MAX_KINDS + 1);
    expect([...kinds].at(-1)).toContain(OTHERS);
    expect(toldApart(refused("key:3", 0), (kind) => kinds.has(kind), kinds.size).act.actor).toBe("key:3");
  });
});

describe("[AUD-2] the alarm of an audit trail", () => {
  it("goes off for what is soonest, and not at all when there is nothing", () => {
    expect(trailAlarmMs({ handOverMs: null, oldestBegunMs: null, soonestWindowMs: null })).toBeNull();
    expect(trailAlarmMs({ handOverMs: 9_000, oldestBegunMs: 5, soonestWindowMs: 8_000 })).toBe(8_000);
    expect(trailAlarmMs({ handOverMs: null, oldestBegunMs: 5, soonestWindowMs: null })).toBe(5 + BEGUN_LIMIT_MS);
  });

  it("hands over soon, and ever less often while Postgres is away, but at least every minute", () => {
    expect(handOverDelayMs(0)).toBe(HAND_OVER_DELAY_MS);
    expect(handOverDelayMs(3)).toBe(8 * HAND_OVER_DELAY_MS);
    expect(handOverDelayMs(1_000)).toBe(60_000);
  });
});
