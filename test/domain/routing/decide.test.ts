import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Trunk } from "../../../domain/configuration/model.ts";
import type { Address } from "../../../domain/numbers/address.ts";
import { decide } from "../../../domain/routing/decide.ts";
import type { Note } from "../../../domain/routing/notes.ts";
import { plainRouter } from "../../../domain/routing/plain-router.ts";
import { ALLOWED_REROUTE_CAUSES, EMERGENCY_REROUTE_CAUSES, REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import { MAX_CANDIDATES, type RouterSource } from "../../../domain/routing/router.ts";
import { MAIN, NOW_MS, VERSION, callTo, destination, number, planOf, routerOf, rule, short, to, trunk } from "./fixtures.ts";
import { calls, configurations, moments } from "./generators.ts";

const BERLIN = number("+493012345678");

describe("[RTE-10] a plan", () => {
  it("names what decided, the rule, the candidates, the version and who executes it", () => {
    const plan = planOf(routerOf({ rules: [rule("all"), rule("berlin", { callee: { prefix: ["+4930"] } })] }), callTo(BERLIN));
    expect(plan).toEqual({
      action: "route",
      executor: "peer",
      decidedBy: "rule",
      ruleId: "berlin",
      candidates: ["berlin", "all"],
      snapshotVersion: VERSION,
      destinations: [
        {
          id: "carrier-a",
          type: "sip",
          uri: "sip:+493012345678@carrier-a.example",
          ringTimeoutMs: 20_000,
          rerouteCauses: ["unreachable", 503],
          chargeable: true,
        },
      ],
      trail: expect.stringMatching(/^t1;[0-9a-f]{8}$/),
    });
  });

  it("names at most so many candidates, those that led on first", () => {
    const many = Array.from({ length: 20 }, (_, index) => rule(`r${String(index).padStart(2, "0")}`));
    const names = many.slice(0, MAX_CANDIDATES).map(({ id }) => id);
    expect(planOf(routerOf({ rules: many }), callTo(BERLIN)).candidates).toEqual(names);
    const on = rule(
      "on",
      { callee: { exact: ["100"] } },
      { action: { type: "continue", callee: { type: "replace", number: "200" } } },
    );
    expect(planOf(routerOf({ rules: [on, ...many] }), callTo(short("100"))).candidates).toEqual(["on", ...names.slice(0, -1)]);
  });

  it("of a draft has no version", () => {
    expect(planOf(routerOf({ version: null }), callTo(BERLIN)).snapshotVersion).toBeNull();
  });
});

describe("[RTE-4] `{number}`", () => {
  it.each(["$&", "$$", "$`", "$'", "$1", "{number}"])("becomes a user of %s as it stands", (user) => {
    const address: Address = { kind: "sip", uri: `sip:${user}@x.example`, user, host: "x.example" };
    expect(planOf(routerOf(), callTo(address)).destinations[0]?.uri).toBe(`sip:${user}@carrier-a.example`);
  });
});

describe("[RTE-5] after which answers the next destination is tried", () => {
  it("never includes a callee who declined, whatever a rule names", () => {
    expect(REROUTE_CAUSES).toEqual(["unreachable", 408, 500, 502, 503, 504]);
    for (const cause of [600, 603, 487]) expect(ALLOWED_REROUTE_CAUSES).not.toContain(cause);
  });

  it("is any refusal in an emergency call, but not that the caller has hung up", () => {
    for (const cause of [...REROUTE_CAUSES, 403, 404, 480, 486, 600, 603]) expect(EMERGENCY_REROUTE_CAUSES).toContain(cause);
    expect(EMERGENCY_REROUTE_CAUSES).not.toContain(487);
  });
});

describe("[RTE-19] a number that is dialled through a gateway", () => {
  const mobile = destination("mobile", { target: { type: "number", number: "+4915112345678", via: "carrier-b" } });
  const planWith = (changes: Parameters<typeof destination>[1]) =>
    planOf(
      routerOf({
        destinations: [destination("carrier-a"), destination("carrier-b", changes), mobile],
        rates: [{ table: "tariff", prefix: "4915", perMinuteMicros: 70_000, connectMicros: 100, incrementS: 1 }],
        rules: [rule("all", {}, { action: to("mobile", "carrier-a") })],
      }),
      callTo(BERLIN),
    );

  it("takes the gateway's URI and price, and its own timeout", () => {
    expect(planWith({ rateTable: "tariff", ringTimeoutMs: 1 }).destinations[0]).toEqual({
      id: "mobile",
      type: "number",
      uri: "sip:+4915112345678@carrier-b.example",
      ringTimeoutMs: 20_000,
      rerouteCauses: ["unreachable", 503],
      chargeable: true,
      rate: { perMinuteMicros: 70_000, connectMicros: 100, incrementS: 1 },
    });
  });

  it("is passed over when the gateway is switched off", () => {
    expect(planWith({ enabled: false }).destinations.map(({ id }) => id)).toEqual(["carrier-a"]);
  });
});

/** A source that has not loaded anything: each look-up is answered only once its chunk has been asked for. */
function lazily(source: RouterSource): { readonly source: RouterSource; readonly load: (chunks: readonly string[]) => void } {
  const loaded = new Set<string>();
  let missing: string[] = [];
  const guarded = <T>(chunk: string, otherwise: T, answer: () => T): T => {
    if (loaded.has(chunk)) return answer();
    missing.push(chunk);
    return otherwise;
  };
  return {
    load: (chunks) => chunks.forEach((chunk) => loaded.add(chunk)),
    source: {
      ...source,
      profile: (key) => guarded(`profile ${key}`, null, () => source.profile(key)),
      rate: (table, e164) => guarded(`rates ${table}`, null, () => source.rate(table, e164)),
      matches: (facts, nowMs, limit) =>
        guarded(`rules ${JSON.stringify(facts.callee.address)}`, [], () => source.matches(facts, nowMs, limit)),
      takeMissing: () => {
        const taken = missing;
        missing = [];
        return taken;
      },
    },
  };
}

describe("[CFG-12] a decision for which chunks are missing", () => {
  it("names them, and is the same as with everything in memory once they are there", () => {
    let rounds = 0;
    fc.assert(
      fc.property(configurations(), calls, moments, (configuration, call, atMs) => {
        const whole = plainRouter(configuration, atMs);
        const { source, load } = lazily(whole);
        let decision = decide(source, call, atMs);
        while (decision.tag === "missing") {
          expect(decision.chunks.length).toBeGreaterThan(0);
          load(decision.chunks);
          decision = decide(source, call, atMs);
          rounds++;
        }
        expect(decision).toEqual(decide(whole, call, atMs));
      }),
      { numRuns: 300 },
    );
    expect(rounds).toBeGreaterThan(100);
  });
});

describe("[EXP-2] what is noted on the way", () => {
  it("changes nothing, and tells what was passed over and why", () => {
    const source = routerOf({
      destinations: [destination("carrier-a"), destination("off", { enabled: false })],
      rules: [rule("all", {}, { action: to("off", "gone", "carrier-a") })],
    });
    const notes: Note[] = [];
    const call = callTo(number("+881612345678"));
    expect(decide(source, call, NOW_MS, (note) => notes.push(note))).toEqual(decide(source, call, NOW_MS));
    expect(notes).toEqual([
      { tag: "looked", called: "+881612345678", ruleIds: ["all"] },
      { tag: "passed_over", destination: "off", because: "disabled" },
      { tag: "passed_over", destination: "gone", because: "unknown" },
      { tag: "toll_closed", destination: "carrier-a", class: "satellite" },
    ]);
  });
});

describe("[LEG-1] who executes the plan", () => {
  const planOn = (changes: Partial<Trunk>, rules = [rule("all")]) =>
    planOf(routerOf({ trunks: [trunk(MAIN, changes)], rules }), callTo(BERLIN));

  it("is Trunkline where the trunk has a carrier, and the plan names it", () => {
    expect(planOn({ carrier: "loopback" })).toMatchObject({ action: "route", executor: "self", carrier: "loopback" });
    expect(planOn({ carrier: null })).toMatchObject({ action: "route", executor: "peer" });
    expect(planOn({ carrier: null })).not.toHaveProperty("carrier");
  });

  it("is asked for everything where it is Trunkline, whatever the peer can do", () => {
    const all = rule(
      "all",
      {},
      {
        action: {
          type: "route",
          strategy: "ordered",
          destinations: [
            { id: "carrier-a", weight: 1 },
            { id: "carrier-b", weight: 1 },
          ],
          rerouteCauses: [503],
          callerIdentity: { number: null, isPrivate: true },
        },
        maxDurationMs: 60_000,
      },
    );
    const plan = planOn({ carrier: "loopback", capabilities: [] }, [all]);
    expect(plan).toMatchObject({ maxDurationMs: 60_000, caller: { isPrivate: true } });
    expect(plan.destinations.map(({ id }) => id)).toEqual(["carrier-a", "carrier-b"]);
    expect(planOn({ carrier: null, capabilities: [] }, [all])).toMatchObject({ action: "reject", reject: { sipCode: 488 } });
  });
});

describe("[TMR-3] how long a call may be silent", () => {
  const planOn = (silence: Trunk["silence"]) => planOf(routerOf({ trunks: [trunk(MAIN, { silence })] }), callTo(BERLIN));

  it("is what the trunk says, and not said where the trunk is silent about it", () => {
    expect(planOn({ setupMs: 20_000, activeMs: null }).silence).toEqual({ setupMs: 20_000 });
    expect(planOn({ setupMs: null, activeMs: 60_000 }).silence).toEqual({ activeMs: 60_000 });
    expect(planOn({ setupMs: null, activeMs: null })).not.toHaveProperty("silence");
  });
});
