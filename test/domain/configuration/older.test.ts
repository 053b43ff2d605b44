import { describe, expect, it } from "vitest";
import { createComparer } from "../../../domain/configuration/diff.ts";
import type { ConfigurationItem, Trunk } from "../../../domain/configuration/model.ts";
import { itemFrom, trunkOf } from "../../../domain/configuration/older.ts";
import { MAIN, trunk } from "../routing/fixtures.ts";

/** As it was published before there were carriers. */
const { carrier: _carrier, silence: _silence, ...OLD } = trunk(MAIN);

describe("[CFG-16] a version from before a field was there", () => {
  it("reads as if the field had been left out", () => {
    expect(trunkOf(OLD)).toEqual(trunk(MAIN));
  });

  it("keeps what it says", () => {
    const said: Trunk = trunk(MAIN, { carrier: "loopback", silence: { setupMs: 20_000, activeMs: null } });
    expect(trunkOf(said)).toEqual(said);
  });

  it("does not differ from a draft that leaves it out", () => {
    const comparer = createComparer();
    comparer.step(itemFrom({ kind: "trunks", entity: OLD as Trunk }), { kind: "trunks", entity: trunk(MAIN) });
    expect(comparer.result()).toMatchObject({ added: 0, removed: 0, changed: 0 });
  });

  it("is left alone where nothing was added", () => {
    const item: ConfigurationItem = { kind: "number-lists", entity: { id: "a", name: "A" } };
    expect(itemFrom(item)).toBe(item);
  });
});
