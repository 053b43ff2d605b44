/** Writes what a merge yields as segments of one tenant. */
import type { Redaction } from "../../adapters/r2/events/redactions.ts";
import { VolumeBuilder } from "../../adapters/r2/events/volume-writer.ts";
import { type Run as SortedRun, mergeRuns } from "../../domain/events/compaction/merge.ts";
import { mergeSource, mergedName } from "../../domain/events/compaction/plan.ts";
import type { MergeLevel, MergedSegment } from "../../domain/events/index/catalogue.ts";
import { type StoredLine, factsOf, parseStored } from "../../domain/events/stored.ts";
import { digestOf } from "./notes.ts";
import type { Run } from "./ports.ts";

export type Merge = {
  readonly tenant: string;
  /** `YYYY/MM/DD`. */
  readonly day: string;
  readonly level: MergeLevel;
  /** The hour or the day. */
  readonly period: string;
  /** Keys of what is merged. */
  readonly inputs: readonly string[];
  readonly redaction: Redaction;
};

function redacted(stored: StoredLine, { apply }: Redaction): StoredLine {
  const line = apply(stored.line);
  return line === stored.line ? stored : { facts: factsOf(parseStored(line)), line };
}

/** The segments of one merge, one after the other. */
class Output {
  readonly segments: MergedSegment[] = [];
  readonly #run: Run;
  readonly #begin: (part: number) => VolumeBuilder;
  #open: VolumeBuilder | null = null;

  constructor(run: Run, begin: (part: number) => VolumeBuilder) {
    this.#run = run;
    this.#begin = begin;
  }

  async add(line: StoredLine): Promise<void> {
    this.#open ??= this.#begin(this.segments.length);
    const closing = this.#open.add(line);
    if (closing !== null) await closing;
    if (this.#open.full()) await this.finish();
  }

  async finish(): Promise<void> {
    if (this.#open === null) return;
    const segment = await this.#open.finish();
    const { deps, report, held } = this.#run;
    held.beside(this.#open.peakBytes);
    this.#open = null;
    this.segments.push(segment);
    report.events += segment.count;
    report.bytes += segment.bytes;
    deps.meter.count("trunkline_compaction_events_total", { level: segment.level }, segment.count);
    deps.meter.count("trunkline_compaction_bytes_total", { level: segment.level }, segment.bytes);
  }

  async abort(): Promise<void> {
    await this.#open?.abort();
  }
}

/**
 * Merges runs into segments, in the order of ids. The same inputs under the same erasures give the same objects.
 * @throws what a run or the bucket throws; what was written stays, and is written again by the repetition.
 */
export async function writeMerged(run: Run, merge: Merge, runs: readonly SortedRun[]): Promise<MergedSegment[]> {
  const { tenant, day, level, period, inputs, redaction } = merge;
  const digest = await digestOf(mergeSource(inputs, redaction.id));
  const output = new Output(run, (part) => {
    const name = mergedName(level, period, digest, part);
    return new VolumeBuilder(run.deps.bucket, { tenant, day, name, level, storage: "Standard" });
  });
  try {
    for await (const piece of mergeRuns(runs)) for (const line of piece) await output.add(redacted(line, redaction));
    await output.finish();
  } catch (error) {
    await output.abort();
    throw error;
  }
  return output.segments;
}
