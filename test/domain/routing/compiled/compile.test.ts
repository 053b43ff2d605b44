import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConfigurationItem, Profile, Rule } from "../../../../domain/configuration/model.ts";
import { factsOf } from "../../../../domain/routing/facts.ts";
import { CHUNK_BYTES } from "../../../../domain/routing/compiled/format.ts";
import type { TrunkId } from "../../../../domain/shared/ids.ts";
import { configurations } from "../generators.ts";
import { compile, itemsOf, loaded, opened, supplyAll } from "./fixture.ts";
import { BASE, CALL, NOW_MS, item, prefixRules, settingsAndTrunk } from "./items.ts";

const [settings, trunk] = settingsAndTrunk() as [ConfigurationItem, ConfigurationItem];
const FACTS = factsOf(CALL, CALL.to);
const ids = (rules: Iterable<Rule>): readonly string[] => [...rules].map(({ id }) => id).sort();

describe("[CFG-11] compiling", () => {
  it("gives the same bytes for the same items", () => {
    fc.assert(
      fc.property(configurations(), (configuration) => {
        const items = itemsOf(configuration);
        const [first, second] = [compile(items, 600), compile(items, 600)];
        expect(second.core).toEqual(first.core);
        expect([...second.chunks]).toEqual([...first.chunks]);
      }),
      { numRuns: 50 },
    );
  });

  it("[CFG-12] cuts rules into chunks of bounded size, of which a call needs few; the core stays small", () => {
    const rules = Array.from({ length: 50_000 }, (_, at) => ({
      ...BASE,
      id: `r-${String(at).padStart(5, "0")}`,
      when: { callee: { prefix: [`+${100_000 + at * 7}`] } },
    }));
    const compiled = compile([settings, trunk, ...rules.map((rule) => item("routing-rules", rule))]);
    expect(compiled.chunks.size).toBeGreaterThan(4);
    for (const { bytes } of compiled.core.chunks) expect(bytes).toBeLessThan(CHUNK_BYTES * 1.1);
    expect(JSON.stringify(compiled.core).length).toBeLessThan(4_000);
    const router = opened(compiled);
    router.matches(factsOf(CALL, { kind: "e164", e164: "+1555001234" }), NOW_MS, 8);
    expect(router.takeMissing().length).toBeLessThanOrEqual(2);
    supplyAll(router, compiled);
    expect(ids(router.rules())).toEqual(ids(rules));
  });

  it("orders rules of the same precedence by id, in whatever order they come", () => {
    const rule = (id: string): ConfigurationItem =>
      item("routing-rules", { ...BASE, id, when: { callee: { prefix: ["+49"] } } });
    const router = loaded(compile([settings, trunk, rule("c"), rule("a-1"), rule("b"), rule("a")]));
    expect(router.matches(FACTS, NOW_MS, 3).map(({ id }) => id)).toEqual(["a", "a-1", "b"]);
  });

  it("tells trunks apart, also more of them than an entry can name", () => {
    const trunks = Array.from({ length: 1_100 }, (_, at) => ({ ...trunk.entity, id: `t-${at}` as TrunkId }));
    const rules = trunks.map(({ id }) => ({ ...BASE, id: `r-${id}`, when: { trunk: [id], callee: { prefix: ["+49"] } } }));
    const items = [
      settings,
      ...trunks.map((entity) => item("trunks", entity as never)),
      ...rules.map((entity) => item("routing-rules", entity)),
    ];
    const router = loaded(compile(items));
    for (const { id } of trunks) {
      const found = router.matches(factsOf({ ...CALL, trunk: id }, CALL.to), NOW_MS, 8);
      expect(found.map((match) => match.id)).toEqual([`r-${id}`]);
    }
  });
});

describe("chunks in memory", () => {
  const compiled = compile([settings, trunk, ...prefixRules(200).map((rule) => item("routing-rules", rule))], 1_000);

  it("[CFG-12] are counted, and remember when they were last used", () => {
    const router = loaded(compiled);
    const sizes = compiled.core.chunks.reduce((sum, { bytes }) => sum + bytes, 0);
    expect([...router.chunksInMemory()].reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sizes);
    expect(router.bytes).toBeGreaterThanOrEqual(sizes);
    router.matches(FACTS, NOW_MS, 8);
    const used = [...router.chunksInMemory()].filter(({ lastUsedMs }) => lastUsedMs === NOW_MS);
    expect(used.length).toBeGreaterThan(0);
    expect(used.length).toBeLessThan(5);
  });

  it("[CFG-12] are given back when they are evicted, and missed when they are needed", () => {
    const router = loaded(compiled);
    const found = router.matches(FACTS, NOW_MS, 8);
    const used = [...router.chunksInMemory()].filter(({ lastUsedMs }) => lastUsedMs === NOW_MS).map(({ name }) => name);
    for (const name of used) {
      const before = router.bytes;
      router.evict(name);
      expect(router.bytes).toBeLessThan(before);
      router.matches(FACTS, NOW_MS, 8);
      expect(router.takeMissing()).toEqual([name]);
      expect(router.takeMissing()).toEqual([]);
      supplyAll(router, compiled, [name]);
      expect(router.matches(FACTS, NOW_MS, 8)).toEqual(found);
    }
    for (const name of compiled.chunks.keys()) router.evict(name);
    expect([...router.chunksInMemory()]).toEqual([]);
  });
});

describe("large tables", () => {
  const RATES = 3_000;
  const prefixOf = (at: number): string => String(490_000 + at);
  const rates = [
    item("rates", { table: "a", prefix: "4", perMinuteMicros: 1, connectMicros: 0, incrementS: 1 }),
    item("rates", { table: "a", prefix: "49", perMinuteMicros: 0.5, connectMicros: 2 ** 40, incrementS: 60 }),
    ...Array.from({ length: RATES }, (_, at) =>
      item("rates", { table: "a", prefix: prefixOf(at), perMinuteMicros: at, connectMicros: 0, incrementS: 1 }),
    ),
    item("rates", { table: "b", prefix: "49", perMinuteMicros: 9, connectMicros: 0, incrementS: 1 }),
  ];

  it("[RTE-18] give the rate of the longest prefix, wherever they are cut", () => {
    for (const chunkBytes of [1, 500, 5_000, 400_000]) {
      const router = loaded(compile([settings, ...rates, trunk], chunkBytes));
      for (let at = 0; at < RATES; at += 37)
        expect(router.rate("a", `+${prefixOf(at)}5`)).toMatchObject({ prefix: prefixOf(at), perMinuteMicros: at });
      const own = { table: "a", prefix: "49", perMinuteMicros: 0.5, connectMicros: 2 ** 40, incrementS: 60 };
      for (const number of ["+49999", "+494", "+49"]) expect(router.rate("a", number)).toEqual(own);
      expect(router.rate("a", "+4012")).toMatchObject({ prefix: "4" });
      expect(router.rate("a", "+1555")).toBeNull();
      expect(router.rate("b", `+${prefixOf(5)}`)).toMatchObject({ table: "b", prefix: "49" });
      expect(router.rate("c", "+49")).toBeNull();
    }
  });

  it("[RTE-12] of numbers have what was put in, whole or by prefix, wherever they are cut", () => {
    const listed = Array.from({ length: 2_000 }, (_, at) => `+49${300_000 + at * 3}`);
    const entries = ["+4", "+49300", "bob@"].map((prefix) => `${prefix}*`);
    const rule = (list: string) => item("routing-rules", { ...BASE, id: list, when: { callee: { list: [list] } } });
    const items = [
      settings,
      ...[...listed, "100", "bob@example.com"].map((number) => item("number-list-entries", { list: "exact", number })),
      ...entries.map((number) => item("number-list-entries", { list: "prefixes", number })),
      trunk,
      rule("exact"),
      rule("prefixes"),
    ];
    for (const chunkBytes of [1, 500, 400_000]) {
      const router = loaded(compile(items, chunkBytes));
      const listsOf = (e164: string) => router.matches(factsOf(CALL, { kind: "e164", e164 }), NOW_MS, 8).map(({ id }) => id);
      for (let at = 0; at < 2_000; at += 97) {
        expect(listsOf(listed[at]!)).toEqual(["exact", "prefixes"]);
        expect(listsOf(`${listed[at]!}1`)).toEqual(["prefixes"]);
      }
      expect(listsOf("+1555")).toEqual([]);
      const bob = { kind: "sip", uri: "sip:bob@example.com", user: "bob", host: "example.com" } as const;
      expect(router.matches(factsOf(CALL, bob), NOW_MS, 8).length).toBe(2);
      expect(router.matches(factsOf(CALL, { kind: "short", digits: "100" }), NOW_MS, 8).length).toBe(1);
    }
  });

  it("[RTE-21] of profiles give the called user's, wherever they are cut", () => {
    const profile = (id: string): Profile => ({
      id,
      name: `User ${id} ß`,
      blockedCallers: ["+4930*"],
      blockWithheld: true,
      doNotDisturb: false,
      diversion: null,
      preferredDestination: null,
    });
    const keys = Array.from({ length: 500 }, (_, at) => String(1_000 + at));
    const items = [settings, trunk, ...[...keys, "zoë@example.com"].map((key) => item("profiles", profile(key)))];
    for (const chunkBytes of [1, 3_000, 400_000]) {
      const router = loaded(compile(items, chunkBytes));
      for (const key of [...keys, "zoë@example.com"]) expect(router.profile(key)).toEqual(profile(key));
      for (const key of ["", "999", "10000", "1000a", "zoe@example.com"]) expect(router.profile(key)).toBeNull();
    }
  });
});
