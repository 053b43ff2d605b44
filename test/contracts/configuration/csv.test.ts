import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CsvRow, type CsvTable, csvLine, numbersCsv, ratesCsv, rulesCsv } from "../../../contracts/configuration/csv.ts";
import { entityJson } from "../../../contracts/configuration/entities.ts";
import type { Rule } from "../../../domain/configuration/model.ts";
import { ENTITIES } from "./arbitraries.ts";
import { groupRule } from "./rows.ts";

const rowOf = (fields: Readonly<Record<string, string>>): CsvRow => new Map(Object.entries(fields));

/** What a download's line says, as an upload sees it. */
function written<Kind extends "rates" | "number-list-entries" | "routing-rules">(
  table: CsvTable<Kind>,
  fields: readonly string[],
): CsvRow {
  expect(fields).toHaveLength(table.written);
  return new Map(fields.flatMap((field, index) => (field === "" ? [] : [[table.columns[index]!, field] as const])));
}

const columnsOf = (
  table: CsvTable<"rates"> | CsvTable<"routing-rules"> | CsvTable<"number-list-entries">,
  fields: Readonly<Record<string, string>>,
) => {
  const parsed = table.parse(rowOf(fields));
  return parsed.ok ? [] : parsed.error.map(({ column }) => column);
};

describe("[CFG-5] rates as CSV", () => {
  const table = ratesCsv("a");

  it("are uploaded as they were downloaded", () => {
    fc.assert(
      fc.property(ENTITIES.rates, (rate) => {
        const own = { ...rate, table: "a" };
        expect(table.parse(written(table, table.write(own)))).toEqual({ ok: true, value: own });
      }),
    );
  });

  it.each([
    ["0.0125", 12_500],
    ["1", 1_000_000],
    ["0.000001", 1],
    ["0.1", 100_000],
    ["0.07", 70_000],
    ["1.005", 1_005_000],
  ])("take units of the currency exactly: %s", (perMinute, perMinuteMicros) => {
    expect(table.parse(rowOf({ prefix: "+49", perMinute }))).toEqual({
      ok: true,
      value: { table: "a", prefix: "49", perMinuteMicros, connectMicros: 0, incrementS: 1 },
    });
  });

  it.each([
    ["no prefix", { perMinuteMicros: "1" }, ["prefix"]],
    ["no rate", { prefix: "49" }, ["perMinuteMicros"]],
    ["letters", { prefix: "49a", perMinuteMicros: "1" }, ["prefix"]],
    ["a negative rate", { prefix: "49", perMinuteMicros: "-1" }, ["perMinuteMicros"]],
    ["seven decimals", { prefix: "49", perMinute: "0.0000001" }, ["perMinute"]],
    ["a decimal comma", { prefix: "49", perMinute: "0,01" }, ["perMinute"]],
    ["an exponent", { prefix: "49", perMinuteMicros: "1e3" }, ["perMinuteMicros"]],
    ["both ways of a rate", { prefix: "49", perMinute: "1", perMinuteMicros: "1" }, ["perMinute"]],
    ["steps of nothing", { prefix: "49", perMinuteMicros: "1", incrementS: "0" }, ["incrementS"]],
  ])("are refused with the column: %s", (_what, fields, columns) => {
    expect(columnsOf(table, fields as Record<string, string>)).toEqual(columns);
  });
});

describe("[CFG-5] entries of a number list as CSV", () => {
  const table = numbersCsv("vip");

  it("are uploaded as they were downloaded", () => {
    fc.assert(
      fc.property(ENTITIES["number-list-entries"], ({ number }) => {
        const own = { list: "vip", number };
        expect(table.parse(written(table, table.write(own)))).toEqual({ ok: true, value: own });
      }),
    );
  });

  it("are refused with the column", () => {
    expect(columnsOf(table, { number: "+49 30" })).toEqual(["number"]);
  });
});

describe("[CFG-5] groups of rules as CSV", () => {
  const table = rulesCsv("germany");

  it("are uploaded as they were downloaded, whatever the rule", () => {
    const anyRule = fc.oneof(
      groupRule("germany"),
      ENTITIES["routing-rules"].map((rule: Rule) => ({ ...rule, group: "germany" })),
    );
    fc.assert(
      fc.property(anyRule, (rule) => {
        expect(table.parse(written(table, table.write(rule)))).toEqual({ ok: true, value: rule });
      }),
    );
  });

  it("name rules by group, prefix and trunk, so that the same row is the same rule", () => {
    const ids = [
      { prefix: "+4930", destinations: "gw-a" },
      { prefix: "+4930", destinations: "gw-b", trunk: "main" },
      { prefix: "112", destinations: "gw-a" },
      { prefix: "+112", destinations: "gw-a" },
      { prefix: "+", destinations: "gw-a" },
      { prefix: "+49", destinations: "gw-a", id: "mine" },
    ].map((fields) => {
      const parsed = table.parse(rowOf(fields as Record<string, string>));
      return parsed.ok ? parsed.value.id : parsed.error;
    });
    expect(ids).toEqual(["germany-4930", "germany-4930-main", "germany-short-112", "germany-112", "germany-any", "mine"]);
  });

  it("take every column", () => {
    const parsed = table.parse(
      rowOf({
        prefix: "+4930",
        destinations: "gw-a:3|gw-b:0",
        trunk: "main",
        precedence: "7",
        strategy: "weighted",
        rerouteCauses: "unreachable|486",
        maxDurationMs: "60000",
        enabled: "false",
      }),
    );
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        group: "germany",
        enabled: false,
        precedence: 7,
        when: { trunk: ["main"], callee: { prefix: ["+4930"] } },
        action: {
          strategy: "weighted",
          destinations: [
            { id: "gw-a", weight: 3 },
            { id: "gw-b", weight: 0 },
          ],
          rerouteCauses: ["unreachable", 486],
        },
        maxDurationMs: 60_000,
      },
    });
    expect(table.parse(rowOf({ prefix: "+1", destinations: "a", rerouteCauses: "none" }))).toMatchObject({
      value: { action: { rerouteCauses: [] } },
    });
  });

  const wholeRule = (rule: object) => ({ rule: JSON.stringify(rule) });
  it.each([
    ["no destination", { prefix: "+49" }, ["destinations"]],
    ["destination in capitals", { prefix: "+49", destinations: "GW" }, ["destinations"]],
    ["weight that is none", { prefix: "+49", destinations: "gw:x" }, ["destinations"]],
    ["nothing between bars", { prefix: "+49", destinations: "a||b" }, ["destinations"]],
    ["prefix with letters", { prefix: "+49x", destinations: "a" }, ["prefix"]],
    ["unknown strategy", { prefix: "+49", destinations: "a", strategy: "best" }, ["strategy"]],
    ["[RTE-5] asking again who declined", { prefix: "+49", destinations: "a", rerouteCauses: "503|603" }, ["rerouteCauses"]],
    ["precedence in words", { prefix: "+49", destinations: "a", precedence: "high" }, ["precedence"]],
    ["enabled in other words", { prefix: "+49", destinations: "a", enabled: "yes" }, ["enabled"]],
    ["trunk in capitals", { prefix: "+49", destinations: "a", trunk: "Main", id: "x" }, ["trunk"]],
    ["rule that is no JSON", { rule: "{" }, ["rule"]],
    ["rule beside columns", { prefix: "+49", rule: "{}" }, ["rule"]],
    [
      "rule of another group",
      wholeRule({ id: "a", group: "france", action: { type: "reject", sipCode: 403, reason: "No" } }),
      ["rule"],
    ],
  ])("are refused with the column: %s", (_what, fields, columns) => {
    expect(columnsOf(table, fields as Record<string, string>)).toEqual(columns);
  });

  it("say what is wrong within a whole rule", () => {
    const json = { ...entityJson("routing-rules", fc.sample(groupRule("germany"), 1)[0]!), precedence: -1 };
    const parsed = table.parse(rowOf(wholeRule(json)));
    expect(parsed.ok ? [] : parsed.error[0]!.detail).toContain("/precedence");
  });
});

it("CSV lines quote what needs it", () => {
  expect(csvLine(["a", 'say "no", or', "x\ny", ""])).toBe('a,"say ""no"", or","x\ny",\r\n');
});
