import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MERGE_AFTER_MS, MERGE_AFTER_MS, dueDays, dueHours } from "../../../../domain/events/compaction/due.ts";
import { MAX_MERGE_INPUTS } from "../../../../domain/events/compaction/merge.ts";
import {
  MAX_UNITS_PER_PACKED_RUN,
  groupBySize,
  mergeSource,
  mergedName,
  openGroups,
  packShares,
  planDay,
  planOverlaps,
  withMerged,
  withReplaced,
} from "../../../../domain/events/compaction/plan.ts";
import { TRASH_GRACE_MS, deletableMs, splitNote, trashKey } from "../../../../domain/events/compaction/trash.ts";
import { type MergeLevel, type MergedSegment, emptyCatalogue } from "../../../../domain/events/index/catalogue.ts";
import { DAY_MS, HOUR_MS, beginOf } from "../../../../domain/events/keys.ts";
import type { SegmentInfo } from "../../../../domain/events/segment.ts";

const pendingOf = (...hours: string[]) => hours.map((hour, part) => ({ key: `${hour}/${part}`, hour, part }));

/** What plans look at. */
const segment = (key: string, level: MergeLevel, minId: string, maxId: string) =>
  ({ key, level, minId, maxId, count: 1 }) as unknown as MergedSegment;
const keysOf = (segments: readonly MergedSegment[]) => segments.map(({ key }) => key);

describe("[STO-3] an hour", () => {
  const hour = "2026/01/31/23";
  const endMs = beginOf(hour) + HOUR_MS;

  it("is due some time after its end, not a millisecond before", () => {
    expect(dueHours(pendingOf(hour), endMs + MERGE_AFTER_MS - 1)).toEqual([]);
    expect(dueHours(pendingOf(hour), endMs + MERGE_AFTER_MS)).toEqual([hour]);
  });

  it("comes once for all its manifests, the oldest first, and at once when that is wanted", () => {
    const pending = pendingOf(hour, "2026/01/31/09", hour);
    expect(dueHours(pending, endMs + DAY_MS)).toEqual(["2026/01/31/09", hour]);
    expect(dueHours(pending, endMs - HOUR_MS, "at_once")).toEqual(["2026/01/31/09", hour]);
  });
});

describe("[STO-4] a day", () => {
  const day = "2026/02/28";
  const dueMs = beginOf(day) + DAY_MS + DAY_MERGE_AFTER_MS;

  it("is due some time after its end, unless one of its hours is not merged", () => {
    expect(dueDays([day], [], dueMs - 1)).toEqual([]);
    expect(dueDays([day, "2026/02/27", day], [], dueMs)).toEqual(["2026/02/27", day]);
    expect(dueDays([day, "2026/02/27"], pendingOf(`${day}/23`), dueMs)).toEqual(["2026/02/27"]);
    expect(dueDays([day], pendingOf(`${day}/23`), dueMs, "at_once")).toEqual([]);
    expect(dueDays([day], [], dueMs - DAY_MS, "at_once")).toEqual([day]);
  });

  it("takes its hours, and of what is merged already what a late hour reaches into", () => {
    const early = segment("day-1", "day", "a", "f");
    const late = segment("day-2", "day", "g", "m");
    const archived = segment("archive", "archive", "a", "z");
    expect(planDay([early, late, archived])).toEqual([]);
    expect(planDay([late, archived, early, segment("hour", "hour", "h", "i")]).map(keysOf)).toEqual([["day-2", "hour"]]);
    expect(planDay([early, segment("hour", "hour", "x", "y")]).map(keysOf)).toEqual([["hour"]]);
  });

  it("is merged in groups when it has more segments than may be open at once", () => {
    const hours = Array.from({ length: MAX_MERGE_INPUTS + 3 }, (_, at) => segment(`hour-${at}`, "hour", `a${at}`, `b${at}`));
    const groups = planDay(hours);
    expect(groups.map(({ length }) => length)).toEqual([MAX_MERGE_INPUTS, 3]);
    expect(keysOf(groups.flat()).sort()).toEqual(keysOf(hours).sort());
  });

  it("[STO-6] has fewer archived segments open at once, whose blocks are longer", () => {
    const days = Array.from({ length: 70 }, (_, at) => segment(`${at}`, "day", "a", "b"));
    const archived = Array.from({ length: 10 }, (_, at) => segment(`${at}`, "archive", "a", "b"));
    expect(openGroups([...days, ...archived]).map(({ length }) => length)).toEqual([64, 6 + 7, 3]);
  });
});

describe("[STO-4] the name of a merge", () => {
  it("depends on its inputs, not on their order, and on what was erased", () => {
    expect(mergeSource(["b", "a"], "")).toBe(mergeSource(["a", "b"], ""));
    expect(mergeSource(["a", "b"], "e1")).not.toBe(mergeSource(["a", "b"], ""));
    expect(mergeSource(["a,b"], "")).not.toBe(mergeSource(["a", "b"], ""));
    expect(mergedName("hour", "2026/02/28/23", "cafe", 0)).toBe("hour-23-cafe-0");
    expect(mergedName("day", "2026/02/28", "cafe", 2)).toBe("day-cafe-2");
  });
});

describe("[STO-6] what is merged at once", () => {
  const most = { segments: 8, events: 100 };

  it("is no more than it may be, and everything once, in order", () => {
    const sizes = fc.array(fc.record({ segments: fc.integer({ min: 0, max: 10 }), events: fc.integer({ min: 0, max: 120 }) }));
    fc.assert(
      fc.property(sizes, (items) => {
        const groups = groupBySize(items, (item) => item, most);
        expect(groups.flat()).toEqual(items);
        for (const group of groups) {
          const sum = (of: "segments" | "events") => group.reduce((total, item) => total + item[of], 0);
          expect(group.length === 1 || (sum("segments") <= most.segments && sum("events") <= most.events)).toBe(true);
        }
      }),
    );
  });

  it("is one merge for a tenant that has a little in each of very many segments", () => {
    const shareOf = (events: number, at: number) => ({ segment: { key: `${at}` } as SegmentInfo, events });
    const small = Array.from({ length: 1_000 }, (_, at) => shareOf(20, at));
    expect(packShares(small).map((runs) => runs.length)).toEqual([40]);
    const large = Array.from({ length: MAX_MERGE_INPUTS + 1 }, (_, at) => shareOf(5_000, at));
    expect(packShares(large).map((runs) => runs.length)).toEqual([MAX_MERGE_INPUTS, 1]);
    expect(packShares(large).flat(2)).toEqual(large);
    const long = small.slice(0, 100).map((share) => ({ ...share, units: MAX_UNITS_PER_PACKED_RUN / 3 }));
    expect(packShares(long).flatMap((runs) => runs.map(({ length }) => length))).toEqual([
      ...Array.from({ length: 33 }, () => 3),
      1,
    ]);
  });
});

describe("[STO-4] a catalogue", () => {
  const [one, two, whole] = [
    segment("one", "hour", "a", "b"),
    segment("two", "hour", "c", "d"),
    segment("whole", "day", "a", "d"),
  ];
  const merged = withMerged(emptyCatalogue("acme", "2026/02/28"), ["m2", "m1"], [two, one]);

  it("takes segments and manifests once, however often it is told", () => {
    expect(merged.inputs).toEqual(["m1", "m2"]);
    expect(keysOf(merged.segments)).toEqual(["one", "two"]);
    expect(withMerged(merged, ["m1"], [one])).toEqual(merged);
  });

  it("puts a day in the place of its hours, and forgets manifests that nobody asks for", () => {
    const replaced = withReplaced(merged, [one, two], [whole], (key) => key === "m1");
    expect(replaced).toEqual({ tenant: "acme", day: "2026/02/28", inputs: ["m2"], segments: [whole] });
  });

  it("is not changed when somebody else has replaced one of them", () => {
    expect(withReplaced({ ...merged, segments: [one] }, [one, two], [whole], () => true)).toBeNull();
  });

  it("is to be merged where an event may be in two of its segments", () => {
    expect(planOverlaps([two, one])).toEqual([]);
    const three = segment("three", "hour", "d", "e");
    expect(planOverlaps([three, two, one]).map(keysOf)).toEqual([["two", "three"]]);
    const far = [segment("behind", "hour", "x", "y"), segment("inside", "hour", "b", "b"), segment("beside", "hour", "y", "z")];
    expect(planOverlaps([whole, ...far]).map(keysOf)).toEqual([
      ["whole", "inside"],
      ["behind", "beside"],
    ]);
  });
});

describe("[STO-5] the trash", () => {
  const notedMs = Date.parse("2026-02-28T12:00:00.001Z");

  it("may be emptied when its time has come, which its key tells", () => {
    expect(deletableMs(trashKey(notedMs, "cafe"))).toBe(notedMs + TRASH_GRACE_MS);
    expect(deletableMs("metadata/trash/lost+found")).toBeNull();
    expect(trashKey(notedMs, "f") < trashKey(notedMs + 1, "0")).toBe(true);
  });

  it("keeps what somebody still needs", () => {
    expect(splitNote(["a", "b", "c"], new Set(["b"]))).toEqual({ gone: ["a", "c"], kept: ["b"] });
  });
});
