/** Counts of a segment's events by what they are and when they happened, so that statistics need no blocks. */
import { STAT_BUCKET_MS } from "../segment.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { StatRow } from "./catalogue.ts";
import { MAX_DICTIONARY } from "./dictionaries.ts";

/** Beyond this many rows a segment counts all sources as one (`OTHER_VALUE`): of thousands of sources each has a row per bucket and type. */
export const MAX_STAT_ROWS = 32_768;

/** What a row is about, as numbers in the dictionaries. */
type Kind = Pick<StatRow, "type" | "direction" | "status" | "source">;
const FIELDS = ["type", "direction", "status", "source"] as const;

/** Exact in a double: four numbers below `MAX_DICTIONARY`. */
const numberOf = (kind: Kind): number => FIELDS.reduce((number, field) => number * MAX_DICTIONARY + kind[field], 0);

function kindOf(number: number): Kind {
  const at = (place: number): number => Math.floor(number / MAX_DICTIONARY ** place) % MAX_DICTIONARY;
  return { type: at(3), direction: at(2), status: at(1), source: at(0) };
}

const byKindAndTime = (a: StatRow, b: StatRow): number => numberOf(a) - numberOf(b) || a.bucketMs - b.bucketMs;

export class StatsBuilder {
  /** By kind, then by bucket. */
  readonly #counts = new Map<number, Map<number, number>>();

  add(kind: Kind, atMs: number, count = 1): void {
    const number = numberOf(kind);
    const bucketMs = Math.floor(atMs / STAT_BUCKET_MS) * STAT_BUCKET_MS;
    let buckets = this.#counts.get(number);
    if (buckets === undefined) this.#counts.set(number, (buckets = new Map<number, number>()));
    buckets.set(bucketMs, (buckets.get(bucketMs) ?? 0) + count);
  }

  #sorted(): StatRow[] {
    return [...this.#counts]
      .flatMap(([number, buckets]) => [...buckets].map(([bucketMs, count]) => ({ bucketMs, ...kindOf(number), count })))
      .sort(byKindAndTime);
  }

  /**
   * Sorted by kind, then by time.
   * @param otherSource gives the number for all sources as one; asked only where there are too many rows.
   */
  rows(otherSource: () => number): StatRow[] {
    const rows = this.#sorted();
    if (rows.length <= MAX_STAT_ROWS) return rows;
    const source = otherSource();
    const fewer = new StatsBuilder();
    for (const row of rows) fewer.add({ ...row, source }, row.bucketMs, row.count);
    return fewer.#sorted();
  }
}

/** About three bytes a row. @param rows sorted by kind, then by time, as the builder gives them. */
export function packStats(rows: readonly StatRow[]): Uint8Array {
  const out = new ByteWriter();
  for (let begin = 0; begin < rows.length;) {
    const kind = numberOf(rows[begin]!);
    let end = begin + 1;
    while (end < rows.length && numberOf(rows[end]!) === kind) end++;
    for (const field of FIELDS) out.varint(rows[begin]![field]);
    out.varint(end - begin);
    let before = 0;
    for (const { bucketMs, count } of rows.slice(begin, end)) {
      const bucket = bucketMs / STAT_BUCKET_MS;
      out.signed(bucket - before);
      out.varint(count);
      before = bucket;
    }
    begin = end;
  }
  return out.toBytes();
}

/** @returns null when the bytes are not those of rows. */
export function unpackStats(bytes: Uint8Array): StatRow[] | null {
  const from = new ByteReader(bytes);
  const rows: StatRow[] = [];
  while (!from.isAtEnd && from.isIntact) {
    const [type, direction, status, source] = [from.varint(), from.varint(), from.varint(), from.varint()];
    let bucket = 0;
    for (let left = from.varint(); left > 0 && from.isIntact; left--) {
      bucket += from.signed();
      rows.push({ bucketMs: bucket * STAT_BUCKET_MS, type, direction, status, source, count: from.varint() });
    }
  }
  return from.isIntact ? rows : null;
}
