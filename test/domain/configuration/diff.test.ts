import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, MAX_LISTED_DIFFERENCES, compareItems, createComparer } from "../../../domain/configuration/diff.ts";
import { canonicalJson, sourceLine } from "../../../domain/configuration/canonical.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";
import { SOUND, itemsOf, rule, withRules } from "./configurations.ts";

function compare(before: readonly ConfigurationItem[], after: readonly ConfigurationItem[]): Comparison {
  const comparer = createComparer();
  let [a, b] = [0, 0];
  for (;;) {
    const move = comparer.step(before[a] ?? null, after[b] ?? null);
    if (move === "none") return comparer.result();
    if (move !== "after") a += 1;
    if (move !== "before") b += 1;
  }
}

const file = (changes: Record<string, unknown>) => itemsOf({ ...SOUND, ...changes });

describe("[CFG-9] comparing two configurations", () => {
  it("finds nothing where nothing is different, in whatever order fields were written", () => {
    const turned = itemsOf(SOUND).map((item) => ({
      kind: item.kind,
      entity: Object.fromEntries(Object.entries(item.entity).reverse()),
    })) as unknown as ConfigurationItem[];
    expect(compare(itemsOf(SOUND), turned)).toEqual({ added: 0, removed: 0, changed: 0, list: [], byKind: {} });
  });

  it("names what was added, removed and changed, field by field", () => {
    const before = file(withRules(rule("a", { callee: { prefix: ["+49"] }, channel: ["api"] }), rule("b", {})));
    const after = file({
      ...withRules(rule("a", { callee: { prefix: ["+43"] }, priority: ["high"] }), rule("c", {})),
      numberLists: [{ id: "vip", numbers: ["+4930"] }],
    });
    expect(compare(before, after)).toEqual({
      added: 3,
      removed: 1,
      changed: 1,
      byKind: {
        "number-lists": { added: 1, removed: 0, changed: 0 },
        "number-list-entries": { added: 1, removed: 0, changed: 0 },
        "routing-rules": { added: 1, removed: 1, changed: 1 },
      },
      list: [
        { kind: "number-lists", key: "vip", change: "added", fields: [] },
        { kind: "number-list-entries", key: "vip +4930", change: "added", fields: [] },
        {
          kind: "routing-rules",
          key: "a",
          change: "changed",
          fields: [
            { pointer: "/when/callee/prefix", before: ["+49"], after: ["+43"] },
            { pointer: "/when/channel", before: ["api"] },
            { pointer: "/when/priority", after: ["high"] },
          ],
        },
        { kind: "routing-rules", key: "b", change: "removed", fields: [] },
        { kind: "routing-rules", key: "c", change: "added", fields: [] },
      ],
    });
  });

  it("tells some and counts all", () => {
    const many = file(withRules(...Array.from({ length: 500 }, (_, n) => rule(`r${n}`, {}))));
    const comparison = compare(itemsOf(SOUND), many);
    expect([comparison.added, comparison.removed, comparison.list.length]).toEqual([500, 1, MAX_LISTED_DIFFERENCES]);
  });

  it("escapes pointers (RFC 6901)", () => {
    const at = (metadata: Record<string, string>) =>
      itemsOf(SOUND).map((item) => ({ ...item, entity: { ...item.entity, note: metadata } })) as unknown as ConfigurationItem[];
    const [first] = compare(at({ "a/b~c": "1" }).slice(0, 1), at({ "a/b~c": "2" }).slice(0, 1)).list;
    expect(first?.fields).toEqual([{ pointer: "/note/a~1b~0c", before: "1", after: "2" }]);
  });

  it("counts what is on either side alone and what differs, whatever the sides are", () => {
    const side = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e"), fc.constantFrom(1, 2, 3));
    fc.assert(
      fc.property(side, side, (left, right) => {
        const items = (values: Record<string, number>) =>
          file(withRules(...Object.entries(values).map(([id, precedence]) => rule(id, {}, { precedence }))));
        const { added, removed, changed } = compare(items(left), items(right));
        const names = (values: Record<string, number>, other: Record<string, number>) =>
          Object.keys(values).filter((id) => !(id in other)).length;
        const differing = Object.keys(left).filter((id) => id in right && left[id] !== right[id]).length;
        expect({ added, removed, changed }).toEqual({
          added: names(right, left),
          removed: names(left, right),
          changed: differing,
        });
      }),
    );
  });
});

describe("[CFG-16] the order and the text of a configuration", () => {
  it("do not depend on the order in which fields were written", () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
    const [item] = itemsOf(SOUND);
    expect(JSON.parse(sourceLine(item!))).toEqual(item);
  });

  it("put kinds in their order, and keys by code units", () => {
    const items = itemsOf({
      ...SOUND,
      numberLists: [
        { id: "a-b", numbers: ["+1"] },
        { id: "a", numbers: ["+2", "+1"] },
      ],
    });
    expect([...items].reverse().sort(compareItems)).toEqual(items);
  });
});
