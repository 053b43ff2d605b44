import { describe, expect, it } from "vitest";
import type { TenantEntry } from "../../../adapters/r2/snapshot-cache.ts";
import { expose } from "../../../adapters/telemetry/metrics.ts";
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import { decide } from "../../../domain/routing/decide.ts";
import type { Reply } from "../../../domain/routing/question.ts";
import type { RouterSource } from "../../../domain/routing/router.ts";
import type { Lane, SessionId } from "../../../domain/shared/ids.ts";
import { createAskingRouter } from "../../../workers/decisions/route.ts";
import { MAIN, NOW_MS, callTo, destination, routerOf, rule, service, short, trunk } from "../../domain/routing/fixtures.ts";

const SESSION = "01a1febc-c375-7520-963b-c31d98c91230" as SessionId;
const ENTRY = { tenant: "acme" } as TenantEntry;
const CALL = callTo(short("100"));
const AGENT: Reply = { tag: "answer", from: "service", answer: { action: "route", destinations: ["carrier-a"] } };

const asking = (id: string): RouterSource =>
  routerOf({
    version: id,
    trunks: [trunk(MAIN)],
    destinations: [destination("carrier-a")],
    decisionServices: [service("crm")],
    rules: [
      rule(id, {}, { action: { type: "ask", service: "crm", otherwise: { type: "reject", sipCode: 480, reason: "No" } } }),
    ],
  });

/** @param sources what is in force at each look; the last one from then on. */
function system(sources: readonly RouterSource[], lane: Lane = "standard") {
  const asked: string[] = [];
  const meter = createMeter({});
  let looks = 0;
  let nowMs = NOW_MS;
  const times: number[] = [];
  const route = createAskingRouter({
    lane,
    meter,
    clock: { nowMs: () => nowMs },
    ask: async ({ ruleId }, _, { version, tenant, session }) => {
      asked.push([ruleId, version, tenant, session].join(" "));
      nowMs += 400;
      return AGENT;
    },
    snapshots: {
      route: async (_, call, atMs, replies) => {
        times.push(atMs);
        const source = sources[Math.min(looks++, sources.length - 1)]!;
        const decision = decide(source, call, atMs, undefined, replies);
        if (decision.tag === "missing") throw new Error("a source that has everything misses nothing");
        return decision.tag === "ask" ? { ...decision, version: source.version! } : decision;
      },
    },
  });
  return { asked, times, decided: () => route(ENTRY, CALL, SESSION), exposed: () => expose(meter.take(nowMs, true)!) };
}

describe("[EXT-1] a call whose rule asks", () => {
  it("goes where the service says, decided at the moment at which it came", async () => {
    const { asked, times, decided, exposed } = system([asking("v1")]);
    expect(await decided()).toMatchObject({
      tag: "decided",
      plan: { decidedBy: "decision_service", destinations: [{ id: "carrier-a" }], asked: { outcome: "answered" } },
    });
    expect(asked).toEqual([`v1 v1 acme ${SESSION}`]);
    expect(times).toEqual([NOW_MS, NOW_MS]);
    expect(exposed()).toContain('trunkline_decisions_total{outcome="answered"} 1');
  });

  it("is one look-up, and no more, where no rule asks", async () => {
    const { asked, times, decided } = system([routerOf({ rules: [rule("plain")] })]);
    expect(await decided()).toMatchObject({ tag: "decided", plan: { ruleId: "plain" } });
    expect({ asked, looks: times.length }).toEqual({ asked: [], looks: 1 });
  });

  it("asks again where another version has to decide meanwhile, and comes to an end even so", async () => {
    const versions = Array.from({ length: 10 }, (_, index) => asking(`v${index}`));
    const { asked, decided } = system(versions);
    expect(await decided()).toMatchObject({
      tag: "decided",
      plan: { reject: { sipCode: 480 }, asked: { because: "not_asked" } },
    });
    expect(asked.map((text) => text.split(" ")[0])).toEqual(["v0", "v1"]);
  });

  it("[EXT-5] asks nobody on the emergency lane", async () => {
    const { asked, decided } = system([asking("v1")], "emergency");
    expect(await decided()).toMatchObject({ tag: "decided", plan: { reject: { sipCode: 480 } } });
    expect(asked).toEqual([]);
  });
});
