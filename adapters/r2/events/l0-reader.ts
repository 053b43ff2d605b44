/** Reads what the shards wrote and nobody has merged yet: manifests, and one tenant's events of a segment. */
import { bloomHas } from "../../../domain/events/bloom.ts";
import { type Manifest, type SegmentInfo, type TermKind, blocksInRange, termOf } from "../../../domain/events/segment.ts";
import { type StoredLine, factsOf, parseStored, runKey } from "../../../domain/events/stored.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { gunzipMembers } from "../gzip.ts";
import { openManifest } from "../manifest-object.ts";
import type { Unreadable } from "../segment-lines.ts";
import type { ReadMeter } from "./reads.ts";

/** One read. @throws DeadlineMissed, or what the bucket throws. */
export async function readManifestObject(reads: ReadMeter, key: string): Promise<Result<Manifest, Unreadable>> {
  const read = await reads.get(key);
  return read.tag === "found" ? openManifest(read.bytes) : err("missing");
}

/** What is looked for. Bounds are inclusive; what is absent does not count. */
export type Wanted = {
  readonly minId?: string;
  readonly maxId?: string;
  /** Of the occurrence, Unix milliseconds. */
  readonly minAtMs?: number;
  readonly maxAtMs?: number;
  /** Each must hold, of the values of each one is enough. Whole values: a filter knows no prefixes. */
  readonly terms?: readonly { readonly kind: TermKind; readonly values: readonly string[] }[];
};

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Whether two stretches meet; an end that is absent is open. */
function meet<T extends string | number>(min: T, max: T, from: T | undefined, to: T | undefined): boolean {
  return (from === undefined || max >= from) && (to === undefined || min <= to);
}

/** False: the segment certainly has no such event of the tenant. Of what a segment does not say, everything is possible. */
export function mayHold(info: SegmentInfo, tenant: string, { minId, maxId, minAtMs, maxAtMs, terms = [] }: Wanted): boolean {
  if (!meet<string>(info.minId, info.maxId, minId, maxId)) return false;
  if (info.tenants !== undefined) {
    const share = Object.hasOwn(info.tenants, tenant) ? info.tenants[tenant] : undefined;
    if (share === undefined || !meet(share.minAtMs, share.maxAtMs, minAtMs, maxAtMs)) return false;
  }
  if (info.terms === undefined || terms.length === 0) return true;
  const filter = fromBase64(info.terms);
  return terms.every(({ kind, values }) => values.some((value) => bloomHas(filter, termOf(tenant, kind, value))));
}

export type RunRead = {
  /** Sorted by id. */
  readonly lines: readonly StoredLine[];
  /** How many blocks could not be read. */
  readonly damaged: number;
};

/** A line that cannot be parsed is damage that the checksum did not see: whoever wrote it is to blame. */
function parsed(line: string): StoredLine | null {
  try {
    return { facts: factsOf(parseStored(line)), line };
  } catch {
    return null;
  }
}

function textOf(member: Uint8Array): string | null {
  try {
    return gunzipMembers(member);
  } catch {
    return null;
  }
}

/**
 * A tenant's events of a segment with ids between two, both inclusive. One read, or none when no block can hold them.
 * @returns an error when the object is not there, or none of the blocks is readable.
 * @throws DeadlineMissed, or what the bucket throws.
 */
export async function readRun(
  reads: ReadMeter,
  info: SegmentInfo,
  tenant: string,
  minId: string,
  maxId: string,
): Promise<Result<RunRead, Unreadable>> {
  const blocks = blocksInRange(info, runKey(tenant, minId), runKey(tenant, maxId));
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) return ok({ lines: [], damaged: 0 });
  const read = await reads.get(info.key, { offset: first.offset, length: last.offset + last.length - first.offset });
  if (read.tag === "missing") return err("missing");
  if (read.tag === "out_of_range") return err("damaged");
  const lines: StoredLine[] = [];
  let damaged = 0;
  for (const { offset, length } of blocks) {
    const text = textOf(read.bytes.subarray(offset - first.offset, offset - first.offset + length));
    if (text === null) damaged += 1;
    for (const line of (text ?? "").split("\n")) {
      if (!line.includes(tenant)) continue;
      const event = parsed(line);
      if (event?.facts.tenant === tenant && event.facts.id >= minId && event.facts.id <= maxId) lines.push(event);
    }
  }
  if (damaged === blocks.length) return err("damaged");
  return ok({ lines: lines.sort((a, b) => (a.facts.id < b.facts.id ? -1 : 1)), damaged });
}
