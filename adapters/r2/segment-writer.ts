/** Writes planned segments and their manifests to R2. */
import { buildBloom } from "../../domain/events/bloom.ts";
import { manifestKey } from "../../domain/events/keys.ts";
import {
  type Block,
  type Manifest,
  type PlannedSegment,
  type SegmentInfo,
  keyOf,
  sharesOf,
  termsIn,
  withSegment,
} from "../../domain/events/segment.ts";
import type { StoredLine } from "../../domain/events/stored.ts";
import { crc32 } from "../../domain/packed/crc32.ts";
import { concatenate } from "../platform/bytes.ts";
import { inTime } from "../platform/deadline.ts";
import { ok } from "../../domain/shared/result.ts";
import { FAST, gzip } from "./gzip.ts";
import { openManifest, packManifest } from "./manifest-object.ts";

/** R2 answers in tens of milliseconds; what takes this long has failed. */
const R2_DEADLINE_MS = 10_000;
/** After so many blocks other requests to the object have their turn. */
const BLOCKS_PER_TURN = 4;

const JSON_TYPE = { contentType: "application/json" };

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function encodeBlock(lines: readonly StoredLine[], offset: number): { bytes: Uint8Array; block: Block } {
  const bytes = gzip(lines.map(({ line }) => `${line}\n`).join(""), FAST);
  const [first, last] = [lines[0]!, lines.at(-1)!];
  const keys = { first: keyOf(first.facts), last: keyOf(last.facts) };
  return { bytes, block: { offset, length: bytes.length, count: lines.length, ...keys } };
}

/** What a manifest says of a segment. @param run all its events, sorted. */
export function describe(key: string, bytes: number, blocks: readonly Block[], run: readonly StoredLine[]): SegmentInfo {
  const ids = run.map(({ facts }) => facts.id);
  return {
    key,
    bytes,
    count: run.length,
    minId: ids.reduce((least, id) => (id < least ? id : least)),
    maxId: ids.reduce((most, id) => (id > most ? id : most)),
    blocks,
    tenants: sharesOf(run),
    terms: toBase64(buildBloom(termsIn(run))),
  };
}

/** Whether these very bytes stand there. */
async function isThere(bucket: R2Bucket, key: string, bytes: Uint8Array): Promise<boolean> {
  const read = async () => (await bucket.get(key))?.arrayBuffer();
  const stored = await inTime(read(), R2_DEADLINE_MS);
  const there = stored === undefined ? null : new Uint8Array(stored);
  return there !== null && there.length === bytes.length && there.every((byte, at) => byte === bytes[at]);
}

const NAME_END = ".jsonl.gz";
const CRC_DIGITS = 10;

/** A name of these bytes' own, in which the number of the part goes on. */
function ownName(key: string, bytes: Uint8Array): string {
  return `${key.slice(0, -NAME_END.length)}${String(crc32(bytes)).padStart(CRC_DIGITS, "0")}${NAME_END}`;
}

/**
 * Puts one segment. Segments are immutable: where the object stands already, an earlier attempt at the same frozen head wrote the
 * same bytes, and nothing is written. Other bytes are those of a shard of the same name before it lost its storage, or of another version
 * of this program: they stay, and these get a name of their own.
 */
export async function putSegment(bucket: R2Bucket, planned: PlannedSegment): Promise<SegmentInfo> {
  const parts: Uint8Array[] = [];
  const blocks: Block[] = [];
  let length = 0;
  for (const [index, lines] of planned.blocks.entries()) {
    if (index % BLOCKS_PER_TURN === BLOCKS_PER_TURN - 1) await new Promise((resolve) => setTimeout(resolve, 0));
    const { bytes, block } = encodeBlock(lines, length);
    parts.push(bytes);
    blocks.push(block);
    length += bytes.length;
  }
  const bytes = concatenate(parts, length);
  const put = (key: string) =>
    inTime(
      bucket.put(key, bytes, {
        onlyIf: { etagDoesNotMatch: "*" },
        httpMetadata: { contentType: "application/x-ndjson", contentEncoding: "gzip" },
      }),
      R2_DEADLINE_MS,
    );
  let { key } = planned;
  if ((await put(key)) === null && !(await isThere(bucket, key, bytes))) {
    key = ownName(key, bytes);
    await put(key);
  }
  return describe(key, length, blocks, planned.blocks.flat());
}

/** Nothing can be added to it. */
export class ManifestDamaged extends Error {
  override readonly name = "ManifestDamaged";
}

/** Puts a manifest in place of whatever stands there. @throws DeadlineMissed, or what the bucket throws. */
export async function putManifest(bucket: R2Bucket, key: string, manifest: Manifest): Promise<void> {
  await inTime(bucket.put(key, packManifest(manifest), { httpMetadata: JSON_TYPE }), R2_DEADLINE_MS);
}

/** What a manifest holds after something was added to it. */
export type ManifestSize = { readonly segments: number; readonly bytes: number };

/**
 * Adds segments to one part of an hour's manifest. Conditional on the part being what was read: a write that was given up as late
 * and lands after all must not undo a newer one.
 * @throws ManifestDamaged; or when R2 fails or the part has changed, and then adding again is safe.
 */
export async function addToManifest(
  bucket: R2Bucket,
  place: { readonly shard: string; readonly hour: string; readonly part: number },
  segments: readonly SegmentInfo[],
): Promise<ManifestSize> {
  const key = manifestKey(place.shard, place.hour, place.part);
  const stored = await inTime(bucket.get(key), R2_DEADLINE_MS);
  const empty: Manifest = { format: 2, shard: place.shard, hour: place.hour, segments: [] };
  const opened = stored === null ? ok(empty) : openManifest(new Uint8Array(await inTime(stored.arrayBuffer(), R2_DEADLINE_MS)));
  if (!opened.ok) throw new ManifestDamaged();
  const manifest = segments.reduce(withSegment, opened.value);
  const bytes = packManifest(manifest);
  const put = bucket.put(key, bytes, {
    onlyIf: stored === null ? { etagDoesNotMatch: "*" } : { etagMatches: stored.etag },
    httpMetadata: JSON_TYPE,
  });
  if ((await inTime(put, R2_DEADLINE_MS)) === null) throw new Error("the manifest has changed since it was read");
  return { segments: manifest.segments.length, bytes: bytes.length };
}
