/**
 * Reads a query's events in the order of their ids, each once, and no more objects than it takes. The shards are asked first and R2 afterwards,
 * so that an event that moves in between is seen at its old or its new place.
 */
import type { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { DAY_MS, dayOf } from "../../domain/events/keys.ts";
import { foundReader } from "../../domain/events/query/match.ts";
import { type Found, Frontier, type Piece, type Unit } from "../../domain/events/query/page.ts";
import { type IdRange, isEmpty, overlap, rangeOf } from "../../domain/events/query/place.ts";
import { type Wish, wishOf } from "../../domain/events/query/plan.ts";
import type { EventOrder, EventQuery } from "../../domain/events/query/query.ts";
import type { HeadAnswer } from "../../domain/events/shard.ts";
import { parseStored } from "../../domain/events/stored.ts";
import { type EventId, timeOfId } from "../../domain/shared/ids.ts";
import { ObjectGone, type Reading, type Work, costOf, dayUnit, expand, manifestUnit, within, yearUnit } from "./expand.ts";
import type { EventSources } from "./sources.ts";

/** Simultaneous connections of a Worker (developers.cloudflare.com/workers/platform/limits). */
export const MAX_PARALLEL_READS = 6;
/** A query that takes more of them than its days asks the days without a calendar. */
const MAX_DAYS_WITHOUT_CALENDAR = 2;
/** Nothing was stored before. */
const FIRST_YEAR = 2_025;
/** What was planned is gone when merging was quicker; a plan takes milliseconds, merging minutes. */
const MAX_PLANS_IN_VAIN = 8;

/** What grows from reading to reading, while there is still not enough. */
type Growing = { readonly first: number; readonly most: number };

export type ScanLimits = {
  /** Events that each shard gives at once. */
  readonly headLines: number;
  readonly parallel: Growing;
  /** Bytes of blocks that lie side by side and are read at once. */
  readonly spanBytes: Growing;
  /** Objects read, and until when one more is begun: then the scan ends before its end. */
  readonly maxReads: number;
  readonly untilMs: number;
};

/** For whoever reads on and on: what is held at once is bounded. */
export const EXPORT_LIMITS: ScanLimits = {
  headLines: 2_000,
  parallel: { first: MAX_PARALLEL_READS, most: MAX_PARALLEL_READS },
  spanBytes: { first: 256 * 1024, most: 256 * 1024 },
  maxReads: Number.POSITIVE_INFINITY,
  untilMs: Number.POSITIVE_INFINITY,
};

export type ScanStep = {
  readonly found: readonly Found[];
  /** The place up to which everything has been given out, exclusive for whoever goes on there; null: that was all. */
  readonly place: EventId | null;
};

/** What a scan has taken and met, while it goes on. */
export class ScanTally {
  readonly reads: ReadMeter;
  /** Something is left out, because it is not what was written. */
  damaged = false;

  constructor(reads: ReadMeter) {
    this.reads = reads;
  }
}

/** @returns how far the answers reach: the place of the first event behind which a shard has more; null: to the end. */
function horizonOf(order: EventOrder, answers: readonly HeadAnswer[]): EventId | null {
  const ends = answers.filter(({ more }) => more).map(({ lines }) => parseStored(lines.at(-1)!).id);
  if (ends.length === 0) return null;
  return ends.reduce((near, id) => ((order === "newest_first" ? id > near : id < near) ? id : near));
}

function upTo(horizon: EventId | null, order: EventOrder, range: IdRange): IdRange {
  if (horizon === null) return range;
  return order === "newest_first" ? { ...range, minId: horizon } : { ...range, maxId: horizon };
}

/** The merged days of a range: by calendar, or one by one where they are few. */
function daysOf({ range, period }: Wish, nowMs: number): Unit<Work>[] {
  const [firstMs, lastMs] = [timeOfId(range.minId as EventId), timeOfId(range.maxId as EventId)];
  if (lastMs - firstMs < MAX_DAYS_WITHOUT_CALENDAR * DAY_MS) {
    const days = new Set([firstMs, Math.min(firstMs + DAY_MS, lastMs), lastMs].map(dayOf));
    return within(range, [...days].map(dayUnit));
  }
  // From the day before on: a sender's clock may have been ahead.
  const first = Math.max(FIRST_YEAR, new Date(Math.max(0, period.fromMs - DAY_MS)).getUTCFullYear());
  const last = new Date(nowMs + DAY_MS).getUTCFullYear();
  const years = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => yearUnit(String(first + at)));
  return within(range, years);
}

/** One reading after the other, from what the shards say at one moment. */
class Scan {
  readonly #sources: EventSources;
  readonly #query: EventQuery;
  readonly #limits: ScanLimits;
  readonly #tally: ScanTally;
  readonly #gone = new Set<string>();
  /** Where the first plan began. */
  #begin: EventId | null = null;
  #parallel: number;
  #spanBytes: number;
  #plansInVain = 0;
  /** True when the bounds do not allow another read. */
  isSpent = false;

  constructor(sources: EventSources, query: EventQuery, limits: ScanLimits, tally: ScanTally) {
    this.#sources = sources;
    this.#query = query;
    this.#limits = limits;
    this.#tally = tally;
    this.#parallel = limits.parallel.first;
    this.#spanBytes = limits.spanBytes.first;
  }

  /** From a place on to where the shards' answers reach. The last step's place is where to go on. */
  async *from(after: EventId | null): AsyncGenerator<ScanStep> {
    const query = { ...this.#query, after };
    const { order, tenant, filter } = query;
    const whole = rangeOf(query);
    if (isEmpty(whole)) return yield { found: [], place: null };
    const redact = await this.#sources.redactionOf(tenant);
    const answers = await this.#sources.heads({ ...query, limit: this.#limits.headLines });
    const horizon = horizonOf(order, answers);
    const range = upTo(horizon, order, whole);
    const frontier = new Frontier<Work>(order, range);
    const readLine = foundReader(query, redact);
    const wish = wishOf(tenant, filter, range);
    const reading: Reading = {
      reads: this.#tally.reads,
      wish,
      order,
      readLine,
      isLost: (key) => this.#gone.has(key),
      damaged: (key, leftOut) => {
        this.#sources.damaged(key);
        if (leftOut) this.#tally.damaged = true;
      },
    };
    for (const line of answers.flatMap(({ lines }) => lines)) {
      const found = readLine(line);
      if (found !== null) frontier.put(found);
    }
    const pending = answers.flatMap((answer) => answer.pending.map(manifestUnit));
    frontier.add([...within(range, pending), ...daysOf(wish, this.#sources.nowMs())]);
    this.#begin ??= frontier.place();
    while (!frontier.isExhausted) {
      const place = frontier.place();
      const outcome = await this.#advance(frontier, reading);
      if (outcome !== "read") return yield { found: [], place };
      this.#plansInVain = 0;
      if (!frontier.isExhausted) yield { found: frontier.ready(), place: frontier.place() };
    }
    return yield { found: frontier.ready(), place: horizon };
  }

  /**
   * Takes what comes first, and with it what lies beside it: none of it can be given out before all of that is read. Nothing, when the bounds
   * do not allow it; they do as long as the scan has not got anywhere, or whoever goes on at its place would stand there for ever.
   */
  #pieces(frontier: Frontier<Work>): Piece<Work>[] {
    const { maxReads, untilMs, parallel } = this.#limits;
    const isBounded = frontier.place() !== this.#begin;
    if (isBounded && this.#sources.nowMs() > untilMs) return [];
    let left = isBounded ? maxReads - this.#tally.reads.reads : Number.POSITIVE_INFINITY;
    const pieces: Piece<Work>[] = [];
    while (pieces.length < parallel.most) {
      const [piece] = frontier.next(1, this.#spanBytes);
      if (piece === undefined) break;
      const isBeside = !isEmpty(overlap(piece, pieces[0] ?? piece));
      left -= costOf(piece);
      if (left < 0 || (pieces.length >= this.#parallel && !isBeside)) {
        frontier.add([piece]);
        break;
      }
      pieces.push(piece);
    }
    return pieces;
  }

  /** Events have been read, and they were not enough. */
  #grow(): void {
    const { parallel, spanBytes } = this.#limits;
    this.#parallel = Math.min(this.#parallel * 2, parallel.most);
    this.#spanBytes = Math.min(this.#spanBytes * 2, spanBytes.most);
  }

  async #advance(frontier: Frontier<Work>, reading: Reading): Promise<"read" | "spent" | "gone"> {
    const pieces = this.#pieces(frontier);
    if (pieces.length === 0) {
      this.isSpent = true;
      return "spent";
    }
    try {
      for (const { units, found } of await Promise.all(pieces.map((piece) => expand(piece, reading)))) {
        frontier.add(within(reading.wish.range, units));
        for (const event of found) frontier.put(event);
      }
    } catch (error) {
      if (!(error instanceof ObjectGone)) throw error;
      this.#gone.add(error.key);
      this.#plansInVain += 1;
      if (this.#plansInVain > MAX_PLANS_IN_VAIN) throw error;
      return "gone";
    }
    if (pieces.some(({ work }) => work.tag === "span")) this.#grow();
    return "read";
  }
}

/**
 * A query's events from its place on, in steps of what was read together.
 * @throws DeadlineMissed, or what a shard or the bucket throws: then what was given out is right, and the rest is not known.
 */
export async function* scanSteps(
  sources: EventSources,
  query: EventQuery,
  limits: ScanLimits,
  tally: ScanTally,
): AsyncGenerator<ScanStep> {
  const scan = new Scan(sources, query, limits, tally);
  let after = query.after;
  for (;;) {
    let place: EventId | null = null;
    for await (const step of scan.from(after)) {
      ({ place } = step);
      yield step;
    }
    if (place === null || scan.isSpent) return;
    after = place;
  }
}

/** As `scanSteps`, one by one, without regard to the query's limit. @throws likewise. */
export async function* scanEvents(
  sources: EventSources,
  query: EventQuery,
  limits: ScanLimits = EXPORT_LIMITS,
  tally: ScanTally = new ScanTally(sources.reads()),
): AsyncGenerator<Found> {
  for await (const { found } of scanSteps(sources, query, limits, tally)) yield* found;
}
