import { describe, expect, it } from "vitest";
import { addToManifest, putSegment } from "../../../../adapters/r2/segment-writer.ts";
import { DAY_MERGE_AFTER_MS } from "../../../../domain/events/compaction/due.ts";
import { DAY_MS, HOUR_MS, LEASE_KEY, beginOf, manifestKey } from "../../../../domain/events/keys.ts";
import { planSegments } from "../../../../domain/events/segment.ts";
import type { PendingManifest } from "../../../../domain/events/shard.ts";
import type { EventId } from "../../../../domain/shared/ids.ts";
import { idPrefixAt } from "../../../../domain/shared/ids.ts";
import { MemoryBucket } from "./memory-bucket.ts";
import { SHARD, listed, run } from "./merging.ts";

const DAY = "2033/03/05";
/** Each is later than the lease of a run that died in the one before. */
const RUNS_MS = [0, 1, 2, 3].map((hours) => beginOf(DAY) + DAY_MS + DAY_MERGE_AFTER_MS + hours * HOUR_MS);

let count = 0;
function entryOf(tenant: string, atMs: number) {
  count += 1;
  const id = `${idPrefixAt(atMs)}7000-8000-${String(count).padStart(12, "0")}` as EventId;
  const time = new Date(atMs).toISOString();
  const line = JSON.stringify({
    id,
    source: `/tenants/${tenant}/calls`,
    subject: "call",
    type: "rang",
    time,
    recordedtime: time,
  });
  return { id, subject: "call", line };
}

/** Two hours of two tenants, each hour a manifest. */
async function written(): Promise<{ readonly bucket: MemoryBucket; readonly pending: readonly PendingManifest[] }> {
  const bucket = new MemoryBucket();
  const pending: PendingManifest[] = [];
  for (const [part, hour] of [`${DAY}/09`, `${DAY}/10`].entries()) {
    const entries = ["acme", "acme", "other"].map((tenant, at) => entryOf(tenant, beginOf(hour) + at));
    for (const planned of planSegments(SHARD, part + 1, entries))
      await addToManifest(bucket.asBucket(), { shard: SHARD, hour, part }, [await putSegment(bucket.asBucket(), planned)]);
    pending.push({ key: manifestKey(SHARD, hour, part), hour, part });
  }
  return { bucket, pending };
}

/** Everything but the lease, which says who and when. */
const contentOf = ({ objects }: MemoryBucket): Record<string, string> =>
  Object.fromEntries([...objects].filter(([key]) => key !== LEASE_KEY).map(([key, { etag }]) => [key, etag]));

/** Every method counts one step; from one step on the process is dead. */
function mortal(dies: number) {
  let steps = 0;
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (of, name) => {
        const method = Reflect.get(of, name, of) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          steps += 1;
          if (steps >= dies) throw new Error("the process has died");
          return method.apply(of, args);
        };
      },
    });
  return { wrap, isDead: () => steps >= dies, steps: () => steps };
}

describe("[STO-4] merging that is cut short", () => {
  it("is done again, wherever it was, with the same objects and no others", async () => {
    const { bucket, pending } = await written();
    const whole = new MemoryBucket(bucket.objects);
    const shard = listed(pending);
    for (const nowMs of RUNS_MS) await run(whole.asBucket(), shard, nowMs);
    const expected = contentOf(whole);
    const kinds = Object.keys(expected).map((key) => key.split("/")[1]);
    // Per tenant a segment, its index, the catalogue, the filter and the calendar; and that there is this shard.
    expect([Object.keys(expected).length, kinds.includes("trash"), kinds.includes("compaction")]).toEqual([11, false, false]);

    for (const first of RUNS_MS.slice(0, 2)) {
      let steps = 0;
      for (let dies = 1; dies <= steps + 1; dies++) {
        const [store, list] = [new MemoryBucket(bucket.objects), listed(pending)];
        const before = RUNS_MS.filter((nowMs) => nowMs < first);
        for (const nowMs of before) await run(store.asBucket(), list, nowMs);
        const life = mortal(dies);
        await run(life.wrap(store.asBucket()), life.wrap(list), first).catch(() => null);
        steps = Math.max(steps, life.steps());
        for (const nowMs of RUNS_MS) await run(store.asBucket(), list, nowMs + first - RUNS_MS[0]! + HOUR_MS);
        expect({ dies, content: contentOf(store) }).toEqual({ dies, content: expected });
        if (!life.isDead()) break;
      }
      expect(steps).toBeGreaterThan(first === RUNS_MS[0] ? 60 : 10);
    }
  });
});
