/**
 * Reads a period of the event store from one end to the other, day by day: what is merged, tenant by tenant, and what is not, segment by
 * segment of the shards. Objects are fetched a few ahead of the reader and stay compressed until it comes to them; what is held at once is
 * bounded by that.
 */
import { idPrefixAt } from "../../domain/shared/ids.ts";
import { ReadMeter } from "./events/reads.ts";
import { gunzipMembers } from "./gzip.ts";
import { type DayPlace, type Stretch, listDays } from "./scan-places.ts";
import { type Member, type Partition, type ScanRange, type Task, tasksOfDay } from "./scan-tasks.ts";

const FETCHES_AHEAD = 3;
/** An event's id may be some milliseconds from its time, where clocks or full counters made it so: this far, its place is looked up. */
const CLOCK_MARGIN_MS = 60_000;

export type ScanPart = {
  /** Of the segment, or of the manifest or catalogue that would have named segments. */
  readonly key: string;
  readonly partition: Partition;
  /** Whether all of it could be read. What could, is in `lines` anyway. */
  readonly complete: boolean;
  readonly lines: readonly string[];
  /** How much of the period has been read with this part, from 0 to 1. */
  readonly share: number;
};

type Fetched = Omit<ScanPart, "lines" | "complete"> &
  Pick<Task, "wants"> & {
    /** Null when it could not be had. */
    readonly body: { readonly bytes: Uint8Array; readonly members: readonly Member[]; readonly offset: number } | null;
  };

async function bodyOf(reads: ReadMeter, { key, members }: Task): Promise<Fetched["body"]> {
  const [first, last] = [members?.[0], members?.at(-1)];
  if (members === null || first === undefined || last === undefined) return null;
  try {
    const read = await reads.get(key, { offset: first.offset, length: last.offset + last.length - first.offset });
    return read.tag === "found" ? { bytes: read.bytes, members, offset: first.offset } : null;
  } catch {
    return null;
  }
}

/** Starts the next fetches while the first is being waited for. Whoever stops reading starts none any more. */
async function* ahead(source: AsyncIterable<() => Promise<Fetched>>): AsyncGenerator<Fetched> {
  const started: Promise<Fetched>[] = [];
  for await (const fetch of source) {
    started.push(fetch());
    if (started.length > FETCHES_AHEAD) yield await started.shift()!;
  }
  for (const rest of started) yield await rest;
}

/** One block of a part that is damaged somewhere; empty when it is this one. */
function readable({ bytes, offset }: NonNullable<Fetched["body"]>, member: Member): string {
  try {
    return gunzipMembers(bytes.subarray(member.offset - offset, member.offset - offset + member.length));
  } catch {
    return "";
  }
}

function unpack({ body, wants, ...part }: Fetched, find: (text: string) => string[]): ScanPart {
  if (body === null) return { ...part, complete: false, lines: [] };
  try {
    return { ...part, complete: true, lines: find(gunzipMembers(body.bytes)).filter(wants) };
  } catch {
    const lines = body.members.flatMap((member) => find(readable(body, member)));
    return { ...part, complete: false, lines: lines.filter(wants) };
  }
}

/** A day is looked at when its turn comes, since what is found of it may have been merged some minutes later. */
async function* fetches(
  bucket: R2Bucket,
  reads: ReadMeter,
  days: readonly DayPlace[],
  stretch: Stretch,
  range: ScanRange,
): AsyncGenerator<() => Promise<Fetched>> {
  for (const [index, place] of days.entries()) {
    const tasks = await tasksOfDay(bucket, reads, place, stretch, range);
    for (const [at, task] of tasks.entries()) {
      const { key, partition, wants } = task;
      const share = (index + (at + 1) / tasks.length) / days.length;
      yield async () => ({ key, partition, wants, share, body: await bodyOf(reads, task) });
    }
  }
}

async function* parts(
  source: AsyncIterable<() => Promise<Fetched>>,
  find: (text: string) => string[],
): AsyncGenerator<ScanPart> {
  for await (const fetched of ahead(source)) yield unpack(fetched, find);
}

/**
 * Scans everything that may have events of the period, and finds some of the time beside it, too.
 * @param find the wanted lines in a block's text, so that the others are never cut out.
 * @param tenant whose events are wanted, and nearly no others are read; null: everybody's.
 * @throws DeadlineMissed, or what the bucket throws, when it cannot be told what there is: then nothing is known of the period.
 */
export async function scanSegments(
  bucket: R2Bucket,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  find: (text: string) => string[],
  tenant: string | null = null,
): Promise<AsyncIterable<ScanPart>> {
  const stretch = { firstMs: fromMs - CLOCK_MARGIN_MS, lastMs: toMs + CLOCK_MARGIN_MS };
  const range = { minId: idPrefixAt(stretch.firstMs), maxId: idPrefixAt(stretch.lastMs), tenant };
  const reads = new ReadMeter(bucket);
  const days = await listDays(bucket, reads, stretch, tenant);
  return parts(fetches(bucket, reads, days, stretch, range), find);
}
