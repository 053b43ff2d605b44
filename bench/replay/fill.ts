/** Fills a bucket with an hour of whole calls as log shards write them, and copies the hour. */
import { addToManifest, putSegment } from "../../adapters/r2/segment-writer.ts";
import { compileItems } from "../../adapters/r2/compiled-draft.ts";
import type { ConfigurationItem } from "../../domain/configuration/model.ts";
import { HOUR_MS, hourOf } from "../../domain/events/keys.ts";
import { SEGMENTS_PER_MANIFEST_PART } from "../../domain/events/manifest-parts.ts";
import { type Block, type SegmentInfo, planSegments } from "../../domain/events/segment.ts";
import { type RunKey, runKey } from "../../domain/events/stored.ts";
import { decide } from "../../domain/routing/decide.ts";
import { seedOf } from "../../domain/routing/seed.ts";
import { type EventId, type TenantId, idPrefixAt, timeOfId } from "../../domain/shared/ids.ts";
import { DEMO_TENANT, OTHER_TENANT } from "../../local/secrets.ts";
import { readSeed } from "../../local/seed-files.ts";
import { createRandom } from "../routing/random.ts";
import { type Decider, type Logged, wholeCall } from "./calls.ts";
import type { FillSpec, Filled } from "./messages.ts";

/** How often a log shard is flushed, as deployed. */
const FLUSH_AGE_MS = 30_000;
/** What `idPrefixAt` gives. */
const ID_TIME_CHARACTERS = 14;

/** By shard and hour, a blank between them. */
type SegmentsByPlace = ReadonlyMap<string, readonly SegmentInfo[]>;

/** The configuration that decided the stored calls: German numbers went by another gateway than they would now. */
const formerly = (item: ConfigurationItem): ConfigurationItem =>
  item.kind === "routing-rules" && item.entity.id === "germany"
    ? {
        ...item,
        entity: {
          ...item.entity,
          action: { ...item.entity.action, destinations: [{ id: "gateway-a", weight: 1 }] },
        } as typeof item.entity,
      }
    : item;

async function deciderOf(tenant: TenantId, atMs: number): Promise<Decider> {
  async function* items() {
    yield readSeed(tenant).map(formerly);
  }
  const compiled = await compileItems(tenant, items(), atMs);
  if (!compiled.ok) throw new Error("the former configuration cannot be compiled");
  const { router } = compiled.value;
  return ({ trunk, channel, priority, from, to, metadata, trail }, session, turn, nowMs) => {
    const call = { trunk, channel, priority, from, to, metadata, trail, seed: seedOf(session), turn };
    const decision = decide(router, call, nowMs);
    if (decision.tag !== "decided") throw new Error(`${decision.tag}: the configuration is not all there`);
    return decision.plan;
  };
}

/** The events of one flush, by shard. */
async function flush(
  bucket: R2Bucket,
  generation: number,
  events: readonly Logged[],
  into: Map<string, SegmentInfo[]>,
): Promise<void> {
  for (const [shard, entries] of Map.groupBy(events, (event) => event.shard)) {
    for (const planned of planSegments(shard, generation, entries)) {
      const place = `${shard} ${planned.hour}`;
      into.set(place, [...(into.get(place) ?? []), await putSegment(bucket, planned)]);
    }
  }
}

async function writeManifests(bucket: R2Bucket, segments: SegmentsByPlace): Promise<void> {
  for (const [place, own] of segments) {
    const [shard, hour] = place.split(" ") as [string, string];
    for (let part = 0; part * SEGMENTS_PER_MANIFEST_PART < own.length; part++) {
      const named = own.slice(part * SEGMENTS_PER_MANIFEST_PART, (part + 1) * SEGMENTS_PER_MANIFEST_PART);
      await addToManifest(bucket, { shard, hour, part }, named);
    }
  }
}

/** What a manifest says of the same objects under the keys of a later hour: the ids are moved along. */
function movedSegments(segments: SegmentsByPlace, byMs: number): SegmentsByPlace {
  const movedId = (id: EventId): EventId => (idPrefixAt(timeOfId(id) + byMs) + id.slice(ID_TIME_CHARACTERS)) as EventId;
  const movedKey = (key: RunKey): RunKey => {
    const [tenant, id] = key.split(" ") as [string, EventId];
    return runKey(tenant, movedId(id));
  };
  const movedBlock = (block: Block): Block => ({ ...block, first: movedKey(block.first), last: movedKey(block.last) });
  return new Map(
    [...segments].map(([place, own]) => {
      const [shard, hour] = place.split(" ") as [string, string];
      const laterHour = hourOf(timeOfId(own[0]!.minId) + byMs);
      const copies = own.map((segment) => ({
        ...segment,
        minId: movedId(segment.minId),
        maxId: movedId(segment.maxId),
        key: segment.key.replace(hour, laterHour),
        blocks: segment.blocks.map(movedBlock),
      }));
      return [`${shard} ${laterHour}`, copies];
    }),
  );
}

/** Copies an hour to the hours that follow. The events inside stay what they are. */
async function copyHour(bucket: R2Bucket, segments: SegmentsByPlace, hours: number): Promise<void> {
  const later = Array.from({ length: hours - 1 }, (_, hour) => movedSegments(segments, (hour + 1) * HOUR_MS));
  const keysOf = (places: SegmentsByPlace): string[] => [...places.values()].flat().map(({ key }) => key);
  const copies = later.map(keysOf);
  for (const [at, key] of keysOf(segments).entries()) {
    const bytes = await (await bucket.get(key))!.arrayBuffer();
    await Promise.all(copies.map((keys) => bucket.put(keys[at]!, bytes)));
  }
  for (const places of later) await writeManifests(bucket, places);
}

async function removeEverything(bucket: R2Bucket): Promise<void> {
  for (let page = await bucket.list(); page.objects.length > 0; page = await bucket.list())
    await bucket.delete(page.objects.map(({ key }) => key));
}

/** An hour's calls, evenly over the hour but for its end, so that all of a call lies in it. */
export async function fill(bucket: R2Bucket, { fromMs, hours, callsPerHour, othersPerHour }: FillSpec): Promise<Filled> {
  await removeEverything(bucket);
  const random = createRandom(41);
  const deciders = new Map<TenantId, Decider>();
  for (const tenant of [DEMO_TENANT, OTHER_TENANT]) deciders.set(tenant, await deciderOf(tenant, fromMs));
  const total = callsPerHour + othersPerHour;
  const spreadMs = HOUR_MS - 120_000;
  const segments = new Map<string, SegmentInfo[]>();
  let [events, generation] = [0, 0];
  let pending: Logged[] = [];
  for (let call = 0; call < total; call++) {
    const startMs = fromMs + Math.floor((call / total) * spreadMs);
    const tenant = (call * othersPerHour) % total < othersPerHour ? OTHER_TENANT : DEMO_TENANT;
    pending.push(...wholeCall(tenant, startMs, call, random, deciders.get(tenant)!));
    const flushMs = fromMs + (generation + 1) * FLUSH_AGE_MS;
    if (startMs < flushMs && call < total - 1) continue;
    generation += 1;
    const isLast = call === total - 1;
    const due = pending.filter(({ recordedMs }) => isLast || recordedMs < flushMs);
    pending = pending.filter(({ recordedMs }) => !isLast && recordedMs >= flushMs);
    events += due.length;
    await flush(bucket, generation, due, segments);
  }
  await writeManifests(bucket, segments);
  await copyHour(bucket, segments, hours);
  const all = [...segments.values()].flat();
  return {
    type: "filled",
    segments: all.length * hours,
    events: events * hours,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) * hours,
  };
}
