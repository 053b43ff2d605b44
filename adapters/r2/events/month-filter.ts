/** Filters of months in R2, and the terms that they are made of. */
import { type MonthFilter, type TermPlace, bucketRange, daysWith } from "../../../domain/events/index/month-filter.ts";
import { type TermDirectory, termsOfPage } from "../../../domain/events/index/terms.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import type { Unreadable } from "../segment-lines.ts";
import type { ReadMeter } from "./reads.ts";

/** Pages of a term index that are read at once. */
const TERM_READ_BYTES = 1024 * 1024;

/**
 * Days that may have the term; the filter's other days certainly do not. One read.
 * @returns an error when the days have to be asked.
 * @throws DeadlineMissed, or what the bucket throws.
 */
export async function findFilterDays(
  reads: ReadMeter,
  { key, columns }: MonthFilter,
  place: TermPlace,
): Promise<Result<ReadonlySet<string>, Unreadable>> {
  const read = await reads.get(key, bucketRange(columns, place.bucket));
  if (read.tag === "missing") return err("missing");
  const days = read.tag === "found" ? daysWith(columns, read.bytes, place) : null;
  return days === null ? err("damaged") : ok(days);
}

/** A term index is not there, or not what was written: it has to be made anew. */
export class TermsUnreadable extends Error {
  override readonly name = "TermsUnreadable";
  readonly key: string;

  constructor(key: string) {
    super(`${key} cannot be read`);
    this.key = key;
  }
}

type Page = TermDirectory["pages"][number];

/** Pages side by side, each group no longer than one read may be. */
function groupsOf(pages: readonly Page[]): Page[][] {
  const groups: Page[][] = [];
  for (const page of pages) {
    const last = groups.at(-1);
    const begin = last?.[0]?.offset ?? 0;
    if (last !== undefined && page.offset + page.length - begin <= TERM_READ_BYTES) last.push(page);
    else groups.push([page]);
  }
  return groups;
}

/**
 * All terms of a segment in units, page by page.
 * @throws TermsUnreadable, DeadlineMissed, or what the bucket throws.
 */
export async function* termPages(
  reads: ReadMeter,
  { key, directory }: { readonly key: string; readonly directory: TermDirectory },
): AsyncGenerator<readonly string[]> {
  for (const group of groupsOf(directory.pages)) {
    const [first, last] = [group[0]!, group.at(-1)!];
    const read = await reads.get(key, { offset: first.offset, length: last.offset + last.length - first.offset });
    if (read.tag !== "found") throw new TermsUnreadable(key);
    for (const { offset, length, crc } of group) {
      const start = offset - first.offset;
      const terms = termsOfPage(read.bytes.subarray(start, start + length), crc);
      if (terms === null) throw new TermsUnreadable(key);
      yield terms;
    }
  }
}
