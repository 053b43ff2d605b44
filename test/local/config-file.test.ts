/** A configuration as YAML text. */
import { describe, expect, it } from "vitest";
import { createValidator } from "../../domain/configuration/validate.ts";
import { type ConfigurationItem, entityKey } from "../../domain/configuration/model.ts";
import { readConfigurationText, writeConfigurationText } from "../../local/config/document.ts";
import { readSeed, TENANTS } from "../../local/seed-files.ts";

const LARGE = 100_000;
const LARGE_DEADLINE_MS = 120_000;

function mistakesIn(text: string) {
  const parsed = readConfigurationText(text);
  return parsed.ok ? [] : parsed.error;
}

function itemsIn(text: string): readonly ConfigurationItem[] {
  const parsed = readConfigurationText(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value.items;
}

describe("a configuration file", () => {
  it.each(TENANTS)("of the seed for %s can be published, and nothing in it is without effect", (tenant) => {
    const validator = createValidator();
    for (const item of readSeed(tenant)) validator.add(item);
    const { problems, warnings } = validator.finish();
    expect([problems.list, warnings.list]).toEqual([[], []]);
  });

  it("[CFG-16] says the same when it is written and read again, in the same text", () => {
    const items = readSeed(TENANTS[0]!);
    const text = writeConfigurationText(items, " heading");
    expect(itemsIn(text)).toEqual(items);
    expect(writeConfigurationText(itemsIn(text), " heading")).toBe(text);
    expect(text).toMatch(/^# heading\n/);
  });

  it("[CFG-16] changes in one line when one thing changes", () => {
    const items = readSeed(TENANTS[0]!);
    const before = writeConfigurationText(items, "").split("\n");
    const edited = items.map((item) =>
      item.kind === "rates" && item.entity.prefix === "436" && item.entity.table === "north"
        ? { ...item, entity: { ...item.entity, perMinuteMicros: 95_000 } }
        : item,
    );
    const after = writeConfigurationText(edited, "").split("\n");
    expect(after).toHaveLength(before.length);
    expect(after.filter((line, index) => line !== before[index])).toEqual(['      - [ "436", 95000 ]']);
  });

  it("names every mistake with its line", () => {
    const text = [
      "settings: { defaultTrunk: main }",
      "trunks:",
      "  - id: main",
      "    dialProfile:",
      "      country: US",
      "      areaCode: 555",
      "    colour: blue",
      "numberLists:",
      "  - id: vip",
      "    numbers:",
      "      - +49301234567",
      "routingRules:",
      "  - id: world",
      "    when: { callee: { prefix: ['+'] } }",
    ].join("\n");
    expect(mistakesIn(text).map(({ line, text: said }) => [line, said.split(":", 1)[0]])).toEqual(
      expect.arrayContaining([
        [6, "/trunks/0/dialProfile/areaCode"],
        [7, "/trunks/0/colour"],
        [11, "/numberLists/0/numbers/0"],
        [13, "/routingRules/0/action"],
      ]),
    );
    expect(mistakesIn(text).find(({ line }) => line === 6)!.text).toMatch(/without quotes 555 is no text/);
  });

  it("says which sections there are when it has another, and where the YAML is broken", () => {
    const [unknown] = mistakesIn("settings: { defaultTrunk: main }\nroutes: []\n");
    expect(unknown).toMatchObject({ line: 2, text: expect.stringMatching(/\/routes.*routingRules, ruleGroups/) });
    expect(mistakesIn("settings:\n  defaultTrunk: [main\ntrunks: []\n")[0]).toMatchObject({ line: expect.any(Number) });
    expect(mistakesIn("settings:\n  defaultTrunk: 'main\n")).not.toEqual([]);
    expect(mistakesIn("")).toEqual([{ line: 1, text: expect.stringContaining("the file") }]);
  });

  it("knows on which line each entry stands, rows of tables and of groups too", () => {
    const text = [
      "settings: { defaultTrunk: main }",
      "trunks:",
      "  - { id: main, dialProfile: { country: US } }",
      "numberLists:",
      "  - id: vip",
      '    numbers: ["+4930",',
      '      "+4989*"]',
      "rateTables:",
      "  - id: south",
      "    currency: EUR",
      "    rates:",
      '      - ["49", 10000]',
      '      - ["491", 20000]',
      "routingRules:",
      "  - { id: odd, group: germany, when: { callee: { prefix: ['+491'] }, channel: [api] }, action: { type: reject, sipCode: 403, reason: No } }",
      "ruleGroups:",
      "  germany:",
      '    - ["+49", "a"]',
      '    - ["+4930", "a|b:3", { trunk: main }]',
    ].join("\n");
    const parsed = readConfigurationText(text);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    const { items, lineOf } = parsed.value;
    const lines = Object.fromEntries(items.map((item) => [`${item.kind} ${entityKey(item)}`, lineOf(item)]));
    expect(lines).toMatchObject({
      "settings settings": 1,
      "trunks main": 3,
      "number-lists vip": 5,
      "number-list-entries vip +4989*": 7,
      "rates south 491": 13,
      "routing-rules odd": 15,
      "routing-rules germany-49": 18,
      "routing-rules germany-4930-main": 19,
    });
  });

  it(`has room for ${LARGE} rates`, { timeout: LARGE_DEADLINE_MS }, () => {
    const rates: ConfigurationItem[] = Array.from({ length: LARGE }, (_, index) => ({
      kind: "rates",
      entity: { table: "world", prefix: String(LARGE + index), perMinuteMicros: index, connectMicros: 0, incrementS: 1 },
    }));
    const table: ConfigurationItem = { kind: "rate-tables", entity: { id: "world", name: "", currency: "EUR" } };
    const settings = readSeed(TENANTS[1]!).filter(({ kind }) => kind === "settings");
    const items = [...settings, table, ...rates];
    expect(itemsIn(writeConfigurationText(items, ""))).toHaveLength(items.length);
  });
});
