/** A day as shards write it: the events of every flush of each shard, and the shards as merging sees them. */
import { writeSegments, partsWith } from "../../../durable-objects/event-log/write-segments.ts";
import { noFaults } from "../../../adapters/platform/faults.ts";
import { DAY_MS, HOUR_MS } from "../../../domain/events/keys.ts";
import { type ManifestParts, pendingOf, sealed, withoutParts } from "../../../domain/events/manifest-parts.ts";
import type { StoredLine } from "../../../domain/events/stored.ts";
import { shardName } from "../../../domain/events/shards.ts";
import { INTAKE_EPOCH, shardOfEventId, timeOfId } from "../../../domain/shared/ids.ts";
import type { MergedShard } from "../../../workers/compaction/ports.ts";
import { SHARDS, linesOfDay } from "../fill/lines.ts";
import { DAYS, type FillSpec, TENANTS } from "../fill/plan.ts";
import type { DayShape } from "./messages.ts";

const REGION = "local";
export const DAY_BEGAN_MS = Date.parse("2026-09-01T00:00:00Z");

/** Each day of the fill is a thirtieth of it; the first is taken. */
const specOf = ({ events }: DayShape): FillSpec => ({ firstDayMs: DAY_BEGAN_MS, events: events * DAYS });

/** What all tenants send, a flush's time after the other. */
export function* windows(shape: DayShape): Generator<StoredLine[]> {
  const streams = TENANTS.map((tenant) => linesOfDay(tenant, specOf(shape), 0));
  const heads = streams.map((stream) => stream.next());
  const untilMs = DAY_BEGAN_MS + Math.min(DAY_MS, shape.hours * HOUR_MS);
  for (let endMs = DAY_BEGAN_MS + shape.flushMs; endMs <= untilMs; endMs += shape.flushMs) {
    const lines: StoredLine[] = [];
    for (const [index, stream] of streams.entries())
      for (let head = heads[index]!; head.done !== true && timeOfId(head.value.facts.id) < endMs; heads[index] = head) {
        lines.push(head.value);
        head = stream.next();
      }
    yield lines;
  }
}

export type SavedShard = { readonly name: string; readonly manifests: ManifestParts; readonly generation: number };

/** A shard with what it has written, and nothing in its head. */
export class WrittenShard implements MergedShard {
  readonly name: string;
  #manifests: ManifestParts;
  #generation: number;

  constructor({ name, manifests, generation }: SavedShard) {
    this.name = name;
    this.#manifests = manifests;
    this.#generation = generation;
  }

  get saved(): SavedShard {
    return { name: this.name, manifests: this.#manifests, generation: this.#generation };
  }

  /** @returns how many segments it took. */
  async flush(bucket: R2Bucket, lines: readonly StoredLine[]): Promise<number> {
    this.#generation += 1;
    const entries = lines.map(({ facts, line }) => ({ id: facts.id, subject: facts.subject, line }));
    const head = { shard: this.name, manifests: this.#manifests };
    const written = await writeSegments({ bucket, faults: noFaults }, head, this.#generation, entries);
    this.#manifests = partsWith(this.#manifests, written);
    return written.segments.length;
  }

  readonly pending = async () => pendingOf(this.#manifests, this.name);

  readonly seal = async (hour: string) => {
    this.#manifests = sealed(this.#manifests, hour);
    return pendingOf(this.#manifests, this.name).filter((manifest) => manifest.hour === hour);
  };

  readonly merged = async (keys: readonly string[]) => {
    this.#manifests = withoutParts(this.#manifests, this.name, keys);
  };

  readonly unreadKeys = async () => [];

  readonly adopt = async () => {};
}

export const newShards = (): WrittenShard[] =>
  Array.from(
    { length: SHARDS },
    (_, number) => new WrittenShard({ name: shardName(REGION, { epoch: INTAKE_EPOCH, number }), manifests: {}, generation: 0 }),
  );

/** By the number of the shard that gave them their ids. */
export function byShard(lines: readonly StoredLine[]): Map<number, StoredLine[]> {
  return Map.groupBy(lines, ({ facts }) => shardOfEventId(facts.id).number);
}
