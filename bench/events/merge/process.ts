/** Prepares a day as shards write it, or merges it: hour by hour as they end, then the day. Merging is run with a small heap. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import { DAY_MS, HOUR_MS } from "../../../domain/events/keys.ts";
import { DAY_MERGE_AFTER_MS, MERGE_AFTER_MS } from "../../../domain/events/compaction/due.ts";
import { housekeeping } from "../../../workers/compaction/housekeeping.ts";
import { type CompactionDeps, type CompactionReport, KEEP_ALL, newReport } from "../../../workers/compaction/ports.ts";
import { DAY_BEGAN_MS, type SavedShard, WrittenShard, byShard, newShards, windows } from "./day.ts";
import { FileBucket } from "./file-bucket.ts";
import type { DayShape, FromMerge, Memory, Merged, Prepared, ToMerge } from "./messages.ts";

const SHARDS_FILE = "shards.json";
const OBJECTS = "objects";
/** A run may take as long as it wants: the clock stands still. */
const BUDGET_MS = 60_000;

function tell(message: FromMerge): void {
  if (process.connected) process.send?.(message);
}

async function prepare(folder: string, shape: DayShape): Promise<Prepared> {
  const bucket = new FileBucket(join(folder, OBJECTS));
  const shards = newShards();
  let [events, segments] = [0, 0];
  for (const lines of windows(shape)) {
    events += lines.length;
    for (const [number, own] of byShard(lines)) segments += await shards[number]!.flush(bucket.asBucket(), own);
  }
  bucket.save();
  writeFileSync(join(folder, SHARDS_FILE), JSON.stringify(shards.map(({ saved }) => saved)));
  return { type: "prepared", events, segments, operations: bucket.takeOperations() };
}

/** The most of each, at any time that it was looked at. */
class MemoryWatch {
  most: Memory = { heapUsed: 0, external: 0, rss: 0 };

  look(): void {
    const { heapUsed, external, rss } = process.memoryUsage();
    const { most } = this;
    this.most = {
      heapUsed: Math.max(most.heapUsed, heapUsed),
      external: Math.max(most.external, external),
      rss: Math.max(most.rss, rss),
    };
  }
}

function added(sum: CompactionReport, { peakBytes, unfinished, ...run }: CompactionReport): CompactionReport {
  const numbers = Object.entries(run).map(([name, value]) => [name, value + sum[name as keyof typeof run]]);
  return {
    ...(Object.fromEntries(numbers) as typeof run),
    peakBytes: Math.max(sum.peakBytes, peakBytes),
    unfinished: sum.unfinished || unfinished,
  };
}

async function merge(folder: string, shape: DayShape): Promise<Merged> {
  const bucket = new FileBucket(join(folder, OBJECTS));
  const saved = JSON.parse(readFileSync(join(folder, SHARDS_FILE), "utf8")) as SavedShard[];
  const shards = new Map(saved.map((shard) => [shard.name, new WrittenShard(shard)]));
  let nowMs = DAY_BEGAN_MS;
  const deps: CompactionDeps = {
    bucket: bucket.asBucket(),
    clock: { nowMs: () => nowMs },
    log: (level, message, fields) => {
      if (level === "error") process.stdout.write(`${message} ${JSON.stringify(fields)}\n`);
    },
    meter: createMeter({}),
    shardNames: async () => [...shards.keys()],
    shard: (name) => shards.get(name)!,
    redaction: async () => KEEP_ALL,
    after: [],
    newHolder: () => "bench",
  };
  const memory = new MemoryWatch();
  bucket.watch = () => memory.look();
  let report = newReport();
  const runAt = async (atMs: number): Promise<void> => {
    nowMs = atMs;
    const done = await housekeeping(deps, BUDGET_MS);
    if (done === null) throw new Error("somebody else has the lease");
    report = added(report, done);
  };
  const startedMs = performance.now();
  for (let hour = 1; hour <= shape.hours; hour++) await runAt(DAY_BEGAN_MS + hour * HOUR_MS + MERGE_AFTER_MS);
  const hours = bucket.takeOperations();
  const dayDueMs = DAY_BEGAN_MS + DAY_MS + DAY_MERGE_AFTER_MS;
  await runAt(dayDueMs);
  // Behind the grace of what was replaced: to delete it is a part of merging.
  await runAt(dayDueMs + HOUR_MS);
  const day = bucket.takeOperations();
  const seconds = (performance.now() - startedMs) / 1_000;
  await runAt(dayDueMs + 2 * HOUR_MS);
  return { type: "merged", seconds, report, operations: { hours, day, idle: bucket.takeOperations() }, most: memory.most };
}

process.on("message", (job: ToMerge) => {
  const work = job.type === "prepare" ? prepare(job.folder, job.shape) : merge(job.folder, job.shape);
  work.then(tell, (error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
