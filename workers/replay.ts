/** Stored calls decided again by another configuration: what would have gone elsewhere. */
import { type ScanPart, scanSegments } from "../adapters/r2/segment-scan.ts";
import type { ReplayRequest } from "../contracts/routing.ts";
import { formatAddress } from "../domain/numbers/address.ts";
import { recordedReplies } from "../domain/routing/question.ts";
import {
  type Outcome,
  type StoredCall,
  createCallReader,
  createLineFinder,
  goesElsewhere,
  outcomeOf,
} from "../domain/routing/replay.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import type { OpenVersion } from "./open-version.ts";

/** Pairs of rules that calls moved between, counted apart; what goes beyond is counted together. */
const MAX_MOVES = 200;
/** Objects that could not be read are named up to this many, and all counted. */
const MAX_NAMED_SEGMENTS = 100;

type Move = { readonly before: string | null; readonly after: string | null; readonly calls: number };

export type ReplayLine =
  | {
      readonly type: "progress";
      /** Segments read so far. */
      readonly segments: number;
      /** How much of the period that is, from 0 to 1. */
      readonly share: number;
      readonly calls: number;
      readonly changed: number;
    }
  | {
      readonly type: "change";
      readonly session: string;
      readonly at: string;
      readonly from: string;
      readonly to: string;
      readonly before: Outcome;
      readonly after: Outcome;
    }
  | {
      readonly type: "summary";
      readonly version: string;
      readonly calls: number;
      readonly changed: number;
      /** Decided by another rule that leads to the same destinations. */
      readonly otherRule: number;
      /** Calls that cannot be read back, or of which a half is missing; not among `calls`. */
      readonly unreadableCalls: number;
      readonly unreadableSegmentCount: number;
      /** Their keys, and those of manifests; the first of them. */
      readonly unreadableSegments: readonly string[];
      /** Rules that changed calls went by and would go by now, most calls first. */
      readonly moves: readonly Move[];
      /** Changed calls that are not among `moves`, which has the first pairs of rules only. */
      readonly otherMoves: number;
    };

class Tally {
  segments = 0;
  calls = 0;
  changed = 0;
  otherRule = 0;
  unreadableCalls = 0;
  unreadableSegmentCount = 0;
  otherMoves = 0;
  readonly unreadableSegments: string[] = [];
  readonly #moves = new Map<string, { -readonly [Key in keyof Move]: Move[Key] }>();

  unreadable(key: string): void {
    this.unreadableSegmentCount += 1;
    if (this.unreadableSegments.length < MAX_NAMED_SEGMENTS) this.unreadableSegments.push(key);
  }

  move({ ruleId: before }: Outcome, { ruleId: after }: Outcome): void {
    this.changed += 1;
    const key = JSON.stringify([before, after]);
    const known = this.#moves.get(key);
    if (known !== undefined) known.calls += 1;
    else if (this.#moves.size < MAX_MOVES) this.#moves.set(key, { before, after, calls: 1 });
    else this.otherMoves += 1;
  }

  get moves(): Move[] {
    return [...this.#moves.values()].sort((a, b) => b.calls - a.calls);
  }
}

function changeLine({ session, call, atMs, decided }: StoredCall, after: Outcome): ReplayLine {
  return {
    type: "change",
    session,
    at: new Date(atMs).toISOString(),
    from: formatAddress(call.from),
    to: formatAddress(call.to),
    before: decided,
    after,
  };
}

async function* run(
  version: OpenVersion,
  parts: AsyncIterable<ScanPart>,
  reader: ReturnType<typeof createCallReader>,
  limit: number,
): AsyncGenerator<ReplayLine> {
  const tally = new Tally();
  let partition: string | null = null;

  async function* changesIn(lines: readonly string[]): AsyncGenerator<ReplayLine> {
    for (const line of lines) {
      const stored = reader.add(line);
      if (stored === "unreadable") tally.unreadableCalls += 1;
      if (stored === null || stored === "unreadable") continue;
      tally.calls += 1;
      const decided = version.decide(stored.call, stored.atMs, recordedReplies(stored.asked));
      const after = outcomeOf(decided instanceof Promise ? await decided : decided);
      if (goesElsewhere(stored.decided, after)) {
        tally.move(stored.decided, after);
        if (tally.changed <= limit) yield changeLine(stored, after);
      } else if (stored.decided.ruleId !== after.ruleId) tally.otherRule += 1;
    }
  }

  for await (const part of parts) {
    if (part.partition !== partition) reader.nextPartition();
    partition = part.partition;
    if (!part.complete) tally.unreadable(part.key);
    yield* changesIn(part.lines);
    tally.segments += 1;
    yield { type: "progress", segments: tally.segments, share: part.share, calls: tally.calls, changed: tally.changed };
  }
  const { calls, changed, otherRule, unreadableCalls, unreadableSegmentCount, unreadableSegments, moves, otherMoves } = tally;
  yield {
    type: "summary",
    version: version.core.version,
    calls,
    changed,
    otherRule,
    unreadableCalls: unreadableCalls + reader.incomplete(),
    unreadableSegmentCount,
    unreadableSegments,
    moves,
    otherMoves,
  };
}

/**
 * Replays the calls of a period, in the order of the store. Yields the changes as they are found, up to the limit that was asked
 * for, progress after each segment, and a summary. Calls that the store does not have yet (up to the age at which the log is flushed)
 * are not among them.
 * @throws DeadlineMissed, or what the bucket throws, when it cannot be told what the store has of the period.
 */
export async function replay(
  version: OpenVersion,
  bucket: R2Bucket,
  tenant: TenantId,
  { from: fromMs, to: toMs, limit }: ReplayRequest,
): Promise<AsyncGenerator<ReplayLine>> {
  const period = { fromMs, toMs };
  const parts = await scanSegments(bucket, period, createLineFinder(tenant), tenant);
  return run(version, parts, createCallReader(tenant, period), limit);
}
