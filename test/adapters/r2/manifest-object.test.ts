import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openManifest, packManifest } from "../../../adapters/r2/manifest-object.ts";
import { type Manifest, planSegments, sharesOf } from "../../../domain/events/segment.ts";
import { entriesFrom } from "../../domain/events/entries.ts";

const HOUR_MS = Date.parse("2026-03-01T12:00:00.000Z");

function manifest(): Manifest {
  const [planned] = planSegments("eu-0-3", 1, entriesFrom(HOUR_MS, 40, 5, ["acme", "zoë"]));
  const run = planned!.blocks.flat();
  const [minId, maxId] = [run[0]!.facts.id, run.at(-1)!.facts.id];
  const segment = {
    key: planned!.key,
    bytes: 9,
    count: run.length,
    minId,
    maxId,
    blocks: [],
    tenants: sharesOf(run),
    terms: "AA==",
  };
  return { format: 2, shard: "eu-0-3", hour: planned!.hour, segments: [segment] };
}

describe("[STO-7] a manifest in R2", () => {
  const bytes = packManifest(manifest());

  it("is what was written, and JSON", () => {
    expect(openManifest(bytes)).toEqual({ ok: true, value: manifest() });
    expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({ format: 2, shard: "eu-0-3" });
  });

  it("is known to be damaged whatever byte is another", () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at]! ^= change;
        const opened = openManifest(damaged);
        // Of a digit of the checksum its case says nothing.
        expect(opened.ok ? opened.value : null).toEqual(opened.ok ? manifest() : null);
        const isCase = change === 0x20 && at >= 10 && at < 18;
        expect(opened.ok).toBe(isCase && /[a-f]/.test(String.fromCharCode(bytes[at]!)));
      }),
      { numRuns: 500 },
    );
  });

  it("of format 1, which has no checksum, is read; of format 2 it has to have one", () => {
    const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    expect(openManifest(text({ ...manifest(), format: 1 })).ok).toBe(true);
    expect(openManifest(text(manifest()))).toEqual({ ok: false, error: "damaged" });
    expect(openManifest(bytes.subarray(0, 100)).ok).toBe(false);
  });
});
