import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { parseConfigurationFile } from "../../../contracts/configuration/file.ts";
import { configurationFile } from "../../../contracts/configuration/write-file.ts";
import { type ConfigurationItem, ENTITY_KINDS, entityKey } from "../../../domain/configuration/model.ts";
import { settingsOf } from "../../../domain/configuration/older.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { item } from "./arbitraries.ts";
import { groupRule } from "./rows.ts";

const place = (each: ConfigurationItem): string =>
  `${String(ENTITY_KINDS.indexOf(each.kind)).padStart(2, "0")} ${entityKey(each)}`;

/** As a draft is read: sorted, settings there, rows only of tables that are there. */
const configuration = fc
  .array(
    fc.oneof(
      item,
      groupRule("germany").map((entity) => ({ kind: "routing-rules", entity }) as ConfigurationItem),
    ),
    {
      maxLength: 20,
    },
  )
  .map((items) => {
    const tables = items.flatMap((each): ConfigurationItem[] => {
      if (each.kind === "rates") return [{ kind: "rate-tables", entity: { id: each.entity.table, name: "", currency: "EUR" } }];
      if (each.kind === "number-list-entries") return [{ kind: "number-lists", entity: { id: each.entity.list, name: "" } }];
      return [];
    });
    const settings = { kind: "settings", entity: settingsOf({ defaultTrunk: "main" as TrunkId }) } as const;
    const byPlace = new Map(
      [settings, ...items.filter((each) => each.kind !== "settings"), ...tables].map((each) => [place(each), each]),
    );
    return [...byPlace].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  });

const pointersOf = (file: unknown): readonly string[] => {
  const parsed = parseConfigurationFile(file);
  return parsed.ok ? [] : parsed.error.map(({ pointer }) => pointer);
};

const SMALL = { settings: { defaultTrunk: "main" }, trunks: [{ id: "main", dialProfile: { country: "US" } }] };

describe("[CFG-16] the configuration file", () => {
  it("is read again as it was, through YAML too, in the order of kinds and keys", () => {
    fc.assert(
      fc.property(configuration, (items) => {
        const file = configurationFile(items);
        expect(parseConfigurationFile(file)).toEqual({ ok: true, value: items });
        expect(parseConfigurationFile(parse(stringify(file)))).toEqual({ ok: true, value: items });
      }),
      { numRuns: 60 },
    );
  });

  it("is the same text, however it was written before", () => {
    const untidy = {
      trunks: [{ dialProfile: { country: "US" }, kind: "pbx", id: "main", sources: [] }],
      settings: { defaultTrunk: "main" },
      profiles: [],
    };
    const parsed = parseConfigurationFile(untidy);
    expect(parsed.ok && stringify(configurationFile(parsed.value))).toBe(stringify(SMALL));
  });

  it("leaves out what has its default, and keeps large tables in rows", () => {
    const file = {
      ...SMALL,
      destinations: [{ id: "gw-a", target: { type: "sip", uri: "sip:{number}@10.0.0.1" } }],
      numberLists: [{ id: "vip", numbers: ["+4930123", "+4989*"] }],
      rateTables: [
        {
          id: "a",
          currency: "EUR",
          rates: [
            ["49", 9000, 100, 60],
            ["4930", 12_000],
            ["4989", 9000, 100],
          ],
        },
      ],
      routingRules: [
        {
          id: "night",
          group: "germany",
          when: { callee: { prefix: ["+49"] }, channel: ["api"] },
          action: { type: "route", destinations: ["gw-a"] },
        },
      ],
      ruleGroups: {
        germany: [
          ["+4930", "gw-a|gw-b:3", { trunk: "main" }],
          ["+4989", "gw-a"],
        ],
      },
    };
    const parsed = parseConfigurationFile(file);
    expect(parsed.ok && configurationFile(parsed.value)).toEqual({
      ...file,
      // In order of their ids.
      ruleGroups: {
        germany: [
          ["+4930", "gw-a|gw-b:3", { trunk: "main" }],
          ["+4989", "gw-a"],
        ],
      },
    });
  });

  it.each([
    ["no settings", { trunks: [] }, "/settings"],
    ["an unknown section", { ...SMALL, rules: [] }, "/rules"],
    ["a section that is no list", { ...SMALL, profiles: {} }, "/profiles"],
    ["a mistake in an entity", { ...SMALL, trunks: [{ id: "main" }] }, "/trunks/0/dialProfile"],
    ["an entity twice", { ...SMALL, trunks: [...SMALL.trunks, ...SMALL.trunks] }, "/trunks/1"],
    [
      "a prefix without quotes",
      { ...SMALL, rateTables: [{ id: "a", currency: "EUR", rates: [[4930, 1]] }] },
      "/rateTables/0/rates/0/0",
    ],
    [
      "a negative rate",
      { ...SMALL, rateTables: [{ id: "a", currency: "EUR", rates: [["49", -1]] }] },
      "/rateTables/0/rates/0/1",
    ],
    [
      "a rate that is no row",
      { ...SMALL, rateTables: [{ id: "a", currency: "EUR", rates: [{ prefix: "49" }] }] },
      "/rateTables/0/rates/0",
    ],
    [
      "rates of a table without a currency",
      { ...SMALL, rateTables: [{ id: "a", rates: [["x", 1]] }] },
      "/rateTables/0/currency",
    ],
    ["a number that is none", { ...SMALL, numberLists: [{ id: "a", numbers: ["+49", "a b"] }] }, "/numberLists/0/numbers/1"],
    ["a number twice", { ...SMALL, numberLists: [{ id: "a", numbers: ["+49", "+49"] }] }, "/numberLists/0/numbers/1"],
    ["a prefix of letters", { ...SMALL, ruleGroups: { g: [["+49x", "gw"]] } }, "/ruleGroups/g/0/0"],
    ["a weight that is too large", { ...SMALL, ruleGroups: { g: [["+49", "gw:101"]] } }, "/ruleGroups/g/0/1"],
    ["an unknown field of a row", { ...SMALL, ruleGroups: { g: [["+49", "gw", { prio: 1 }]] } }, "/ruleGroups/g/0/2/prio"],
    [
      "a bad field of a row",
      { ...SMALL, ruleGroups: { g: [["+49", "gw", { precedence: -1 }]] } },
      "/ruleGroups/g/0/2/precedence",
    ],
    [
      "causes as a list",
      { ...SMALL, ruleGroups: { g: [["+49", "gw", { rerouteCauses: [503] }]] } },
      "/ruleGroups/g/0/2/rerouteCauses",
    ],
    ["a row that is no list", { ...SMALL, ruleGroups: { g: [{ prefix: "+49" }] } }, "/ruleGroups/g/0"],
    ["a group of no proper name", { ...SMALL, ruleGroups: { "A B": [["+49", "gw", { id: "x" }]] } }, "/ruleGroups/A B/0"],
    ["text", "settings: {}", ""],
  ])("says where it is wrong: %s", (_what, file, pointer) => {
    expect(pointersOf(file)).toEqual([pointer]);
  });

  it("says no more than a hundred mistakes", () => {
    const trunks = Array.from({ length: 500 }, () => ({}));
    expect(pointersOf({ ...SMALL, trunks })).toHaveLength(100);
  });
});
