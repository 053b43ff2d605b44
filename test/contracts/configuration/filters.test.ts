import { describe, expect, it } from "vitest";
import { FILTERS, parseFilters } from "../../../contracts/configuration/filters.ts";
import { KINDS as TABLES } from "../../../adapters/postgres/configuration/kinds.ts";
import type { ResourceKind } from "../../../domain/configuration/store.ts";

const filters = (kind: ResourceKind, query: string) => parseFilters(FILTERS[kind], new URLSearchParams(query));

describe("[CFG-3] filters of lists", () => {
  it.each(Object.keys(FILTERS) as ResourceKind[])("of %s are what the store can filter by", (kind) => {
    expect(Object.keys(TABLES[kind].filters).sort()).toEqual(Object.keys(FILTERS[kind]).sort());
  });

  it("take one value or several, in any order, and leave paging alone", () => {
    expect(filters("trunks", "kind=pbx,carrier&limit=5&cursor=x")).toEqual({ ok: true, value: { kind: ["carrier", "pbx"] } });
    expect(filters("trunks", "kind=carrier&kind=pbx&kind=pbx")).toEqual({ ok: true, value: { kind: ["carrier", "pbx"] } });
    expect(filters("routing-rules", "group=")).toEqual({ ok: true, value: { group: [""] } });
  });

  it.each([
    ["trunks", "colour=red", "?colour"],
    ["trunks", "kind=fax", "?kind"],
    ["trunks", "kind=", "?kind"],
    ["destinations", "enabled=yes", "?enabled"],
    ["routing-rules", "trunk=A%00", "?trunk"],
    ["number-lists", "__proto__=x", "?__proto__"],
    ["number-lists", "toString=x", "?toString"],
    [
      "rate-tables",
      `currency=${Array.from({ length: 40 }, (_, n) => `A${String.fromCharCode(65 + (n % 26))}${String.fromCharCode(65 + Math.floor(n / 26))}`).join(",")}`,
      "?currency",
    ],
  ] as const)("%s: refuse %s", (kind, query, pointer) => {
    expect(filters(kind, query)).toMatchObject({ ok: false, error: [{ pointer }] });
  });
});
