import { describe, expect, it } from "vitest";
import {
  MAX_MANIFEST_BYTES,
  type ManifestParts,
  SEGMENTS_PER_MANIFEST_PART,
  fromOldParts,
  partFor,
  pendingOf,
  sealed,
  withPart,
  withPending,
  withoutParts,
} from "../../../domain/events/manifest-parts.ts";
import { manifestKey } from "../../../domain/events/keys.ts";

const HOUR = "2026/03/01/12";
const SHARD = "eu-0-3";
const written = (part: number, segments = 1, bytes = 100) => ({ part, segments, bytes });
const numbers = (parts: ManifestParts) => pendingOf(parts, SHARD).map(({ part }) => part);

describe("[EVT-10] the part of a manifest that takes the next segments", () => {
  it("is the last one while it has room, and then one named after the generation", () => {
    expect(partFor({}, HOUR, 7)).toBe(7);
    const begun = withPart({}, HOUR, written(7));
    expect(partFor(begun, HOUR, 8)).toBe(7);
    expect(partFor(withPart(begun, HOUR, written(7, SEGMENTS_PER_MANIFEST_PART)), HOUR, 8)).toBe(8);
    expect(partFor(withPart(begun, HOUR, written(7, 2, MAX_MANIFEST_BYTES)), HOUR, 8)).toBe(8);
    expect(partFor(begun, "2026/03/01/13", 8)).toBe(8);
  });

  it("is the same when a flush is repeated", () => {
    const parts = withPart(withPart({}, HOUR, written(7, SEGMENTS_PER_MANIFEST_PART)), HOUR, written(9));
    expect(partFor(parts, HOUR, 9)).toBe(9);
    expect(numbers(withPart(parts, HOUR, written(9, 2)))).toEqual([7, 9]);
  });
});

describe("[STO-2] manifests that are not merged", () => {
  const parts = withPart(withPart({}, HOUR, written(7)), "2026/03/01/13", written(8));

  it("take nothing more once their hour is sealed, and are gone once they are merged", () => {
    const closed = sealed(parts, HOUR);
    expect(partFor(closed, HOUR, 9)).toBe(9);
    expect(partFor(closed, "2026/03/01/13", 9)).toBe(8);
    const late = withPart(closed, HOUR, written(9));
    const left = withoutParts(late, SHARD, [manifestKey(SHARD, HOUR, 7)]);
    expect(pendingOf(left, SHARD)).toEqual([
      { key: manifestKey(SHARD, HOUR, 9), hour: HOUR, part: 9 },
      { key: manifestKey(SHARD, "2026/03/01/13", 8), hour: "2026/03/01/13", part: 8 },
    ]);
    expect(sealed(parts, "2020/01/01/00")).toBe(parts);
  });

  it("come back by a rebuilt index, closed, and none twice", () => {
    const found = [7, 5].map((part) => ({ key: manifestKey(SHARD, HOUR, part), hour: HOUR, part }));
    const adopted = withPending(parts, found);
    expect(numbers(adopted)).toEqual([5, 7, 8]);
    expect(partFor(adopted, HOUR, 9)).toBe(7);
  });

  it("of a shard that counted its parts from 0 are all there, and take nothing more", () => {
    const old = fromOldParts({ [HOUR]: { part: 2, segments: 4 } });
    expect(numbers(old)).toEqual([0, 1, 2]);
    expect(partFor(old, HOUR, 99)).toBe(99);
  });
});
