/** Stored calls decided again by another configuration: what would have gone elsewhere. */
import { type ScanPart, scanSegments } from "../adapters/r2/segment-scan.ts";
import type { ReplayRequest } from "../contracts/routing.ts";
import type { CloudEvent } from "../domain/events/event.ts";
import { formatAddress } from "../domain/numbers/address.ts";
import {
  type Outcome,
  type StoredCall,
  createCallReader,
  goesElsewhere,
  isCallLine,
  outcomeOf,
} from "../domain/routing/replay.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import type { OpenVersion } from "./open-version.ts";

/** Pairs of rules that calls moved between, counted apart; what goes beyond is counted together. */
const MAX_MOVES = 200;

export type ReplayLine =
  | {
      readonly type: "progress";
      readonly segments: number;
      readonly ofSegments: number;
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
      readonly unreadableCalls: number;
      readonly unreadableSegments: readonly string[];
      /** Rules that calls went by and would go by now, most calls first. */
      readonly moves: readonly { readonly before: string | null; readonly after: string | null; readonly calls: number }[];
    };

/** Segments that could not be read are named up to this many. */
const MAX_NAMED_SEGMENTS = 100;

class Tally {
  calls = 0;
  changed = 0;
  otherRule = 0;
  unreadableCalls = 0;
  readonly unreadableSegments: string[] = [];
  readonly #moves = new Map<string, { before: string | null; after: string | null; calls: number }>();

  move({ ruleId: before }: Outcome, { ruleId: after }: Outcome): void {
    const key = this.#moves.size < MAX_MOVES ? `${before} ${after}` : "others";
    const known = this.#moves.get(key);
    if (known !== undefined) known.calls += 1;
    else this.#moves.set(key, key === "others" ? { before: "others", after: "others", calls: 1 } : { before, after, calls: 1 });
  }

  get moves() {
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

/**
 * Replays the calls of a period, in the order of the store. Yields the changes as they are found, up to the limit that was asked
 * for, progress after each segment, and a summary. Calls that the store does not have yet (up to the age at which the log is flushed)
 * are not among them.
 */
export async function* replay(
  version: OpenVersion,
  bucket: R2Bucket,
  tenant: TenantId,
  { from: fromMs, to: toMs, limit }: ReplayRequest,
): AsyncGenerator<ReplayLine> {
  const source = `/tenants/${tenant}/calls`;
  const scan = await scanSegments(bucket, fromMs, toMs, (line) => isCallLine(line, source));
  const reader = createCallReader();
  const tally = new Tally();
  let segments = 0;

  async function* changesIn(part: Extract<ScanPart, { tag: "lines" }>): AsyncGenerator<ReplayLine> {
    for (const line of part.lines) {
      const stored = reader.add(JSON.parse(line) as CloudEvent);
      if (stored === "unreadable") tally.unreadableCalls += 1;
      if (stored === null || stored === "unreadable" || stored.atMs < fromMs || stored.atMs >= toMs) continue;
      tally.calls += 1;
      const decided = version.decide(stored.call, stored.atMs);
      const after = outcomeOf(decided instanceof Promise ? await decided : decided);
      if (goesElsewhere(stored.decided, after)) {
        tally.changed += 1;
        tally.move(stored.decided, after);
        if (tally.changed <= limit) yield changeLine(stored, after);
      } else if (stored.decided.ruleId !== after.ruleId) tally.otherRule += 1;
    }
  }

  for await (const part of scan.parts) {
    if (part.tag === "lines") yield* changesIn(part);
    else if (tally.unreadableSegments.length < MAX_NAMED_SEGMENTS) tally.unreadableSegments.push(part.key);
    segments += 1;
    yield { type: "progress", segments, ofSegments: scan.segments, calls: tally.calls, changed: tally.changed };
  }
  const { calls, changed, otherRule, unreadableCalls, unreadableSegments, moves } = tally;
  yield {
    type: "summary",
    version: version.core.version,
    calls,
    changed,
    otherRule,
    unreadableCalls,
    unreadableSegments,
    moves,
  };
}
