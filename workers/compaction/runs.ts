/** The inputs of merges as sorted runs. What is damaged is noted before anything is made of the rest, and left out. */
import { BYTES_PER_UNIT, type Member, blockTexts } from "./spans.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import type { Run as SortedRun } from "../../domain/events/compaction/merge.ts";
import type { Share } from "../../domain/events/compaction/plan.ts";
import type { MergedSegment } from "../../domain/events/index/catalogue.ts";
import { type SegmentInfo, blocksInRange, cutBlocks } from "../../domain/events/segment.ts";
import { type StoredLine, factsOf, parseStored, runKey } from "../../domain/events/stored.ts";
import { noteDamage } from "./notes.ts";
import type { Run } from "./ports.ts";

/** Behind every id. */
const LAST_ID = "\uffff";

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/** Counted, named in the log, and noted, so that its object stays. */
export async function tellDamage({ deps, report }: Run, key: string, reason: string): Promise<void> {
  report.damaged += 1;
  deps.meter.count("trunkline_event_store_damage_total", { during: "merge" });
  deps.log("error", "a part of an object of the event store cannot be read", { key, reason });
  await noteDamage(deps.bucket, key, reason);
}

function parsed(line: string): StoredLine | null {
  try {
    return { facts: factsOf(parseStored(line)), line };
  } catch {
    return null;
  }
}

/** Block by block what can be read of an object. */
async function* pieces(
  run: Run,
  key: string,
  members: readonly Member[],
  wanted: (line: StoredLine) => boolean,
): AsyncGenerator<StoredLine[]> {
  for await (const text of blockTexts(new ReadMeter(run.deps.bucket), key, members, run.held)) {
    const lines = text
      ?.split("\n")
      .filter((line) => line !== "")
      .map(parsed) ?? [null];
    if (lines.includes(null)) await tellDamage(run, key, text === null ? "a block is damaged" : "a line is damaged");
    yield lines.filter((line) => line !== null).filter(wanted);
  }
}

/** One tenant's events of a shard's segment. */
function shareRun(run: Run, tenant: string, segment: SegmentInfo): AsyncGenerator<StoredLine[]> {
  const blocks = blocksInRange(segment, runKey(tenant, ""), runKey(tenant, LAST_ID));
  return pieces(run, segment.key, blocks, ({ facts }) => facts.tenant === tenant);
}

/** All events of a shard's segment, block by block. */
export function segmentPieces(run: Run, segment: SegmentInfo): AsyncGenerator<StoredLine[]> {
  return pieces(run, segment.key, segment.blocks, () => true);
}

/** A line that was cut out of a block's text keeps all of that text in memory (V8: SlicedString): this is one that does not. */
function detached({ facts, line }: StoredLine): StoredLine {
  return { facts, line: utf8.decode(toUtf8.encode(line)) };
}

async function* sortedWhole(run: Run, tenant: string, shares: readonly Share[]): AsyncGenerator<StoredLine[]> {
  const lines: StoredLine[] = [];
  let held = 0;
  try {
    for (const { segment } of shares)
      for await (const piece of shareRun(run, tenant, segment)) {
        const bytes = piece.reduce((sum, { line }) => sum + line.length * BYTES_PER_UNIT, 0);
        run.held.add(bytes);
        held += bytes;
        for (const stored of piece) lines.push(detached(stored));
      }
    yield* cutBlocks(lines.sort((a, b) => (a.facts.id < b.facts.id ? -1 : 1)));
  } finally {
    run.held.drop(held);
  }
}

/** What a tenant has in one segment, or in several small ones. Segments of format 1 are sorted here, whatever they hold: they are small. */
export function packedRun(run: Run, tenant: string, shares: readonly Share[]): SortedRun {
  const [only, ...others] = shares;
  const isSorted = only !== undefined && others.length === 0 && only.segment.tenants !== undefined;
  return isSorted ? shareRun(run, tenant, only.segment) : sortedWhole(run, tenant, shares);
}

/** A merged segment from its first event to its last. */
export function volumeRun(run: Run, { key, blocks }: MergedSegment): SortedRun {
  const members = Array.from({ length: blocks.length }, (_, block) => ({
    offset: blocks.offset(block),
    length: blocks.at(block).length,
  }));
  return pieces(run, key, members, () => true);
}

/** The objects that a merged segment consists of. */
export function objectsOf({ key, terms }: MergedSegment): string[] {
  return terms === null ? [key] : [key, terms.key];
}
