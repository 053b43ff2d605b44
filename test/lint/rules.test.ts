import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lint } from "./oxlint.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");

/** A fixture says in its first two lines where it would stand and which rule it breaks. */
const HEADER = /^\/\/ as: (?<path>\S+)\n\/\/ fails: (?<rule>\S+)\n/;

const fixtures = readdirSync(FIXTURES).map((name) => {
  const text = readFileSync(join(FIXTURES, name), "utf8");
  const { path, rule } = HEADER.exec(text)!.groups!;
  return { name: name.replace(".ts.txt", ""), path: path!, expected: rule === "nothing" ? [] : [rule!], text };
});

describe("the lint rules", () => {
  const broken = lint(new Map(fixtures.map(({ path, text }) => [path, text])));

  it("see each fixture in a place of its own", () => {
    expect(new Set(fixtures.map(({ path }) => path)).size).toBe(fixtures.length);
  });

  it.each(fixtures)("$name breaks: $expected", ({ path, expected }) => {
    expect([...(broken.get(path) ?? [])]).toEqual(expected);
  });
});

describe("the direction of imports", () => {
  const ORDER = ["domain", "contracts", "schema", "adapters", "durable-objects", "workers"];
  const OUTSIDE = ["local", "test", "bench", "dashboard", "clients"];
  const RULE = "eslint(no-restricted-imports)";

  const importing = (from: string, to: string) => ({ from, to, path: `${from}/place/imports-${to}.ts` });
  const pairs = [...ORDER, "dashboard", "clients"].flatMap((from) => [...ORDER, ...OUTSIDE].map((to) => importing(from, to)));
  const broken = lint(new Map(pairs.map(({ to, path }) => [path, `export * from "../../${to}/thing.ts";\n`])));

  const mayImport = (from: string, to: string): boolean => {
    if (from === to) return true;
    if (from === "dashboard" || from === "clients") return to === "contracts";
    return ORDER.includes(to) && ORDER.indexOf(to) < ORDER.indexOf(from);
  };

  it.each(pairs)("$from → $to", ({ from, to, path }) => {
    expect(broken.get(path)?.has(RULE) ?? false).toBe(!mayImport(from, to));
  });
});
