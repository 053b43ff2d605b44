/** From where a tail hears what is new: the shards of this lane, segments, and the engine for what has been merged. */
import { readSegmentLines } from "../../adapters/r2/segment-lines.ts";
import type { Environment } from "../../contracts/environment.ts";
import { foundReader } from "../../domain/events/query/match.ts";
import type { EventFilter } from "../../domain/events/query/query.ts";
import type { TailAnswer } from "../../domain/events/shard.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import { EXPORT_LIMITS, ScanTally, scanSteps } from "./scan.ts";
import { shardNames } from "./shard-names.ts";
import type { EventSources } from "./sources.ts";
import type { TailPorts } from "./tail.ts";

/** Objects read for what has left the shards: a request may ask 10,000 times in all. */
const MAX_CATCH_UP_READS = 1_500;

/** A scan that was cut short would be a gap. */
export class CatchUpTooLong extends Error {
  override readonly name = "CatchUpTooLong";
}

export function createTailPorts(
  env: Env,
  environment: Environment,
  sources: EventSources,
  tenant: TenantId,
  filter: EventFilter,
): TailPorts {
  const { nowMs } = sources;
  const shards = inJurisdiction(env.EVENT_LOG, environment.JURISDICTION);
  const tally = new ScanTally(sources.reads());
  const asked = { tenant, filter };

  async function* stored(fromMs: number, toMs: number | null): AsyncGenerator<readonly string[]> {
    const recordedFromMs = Math.max(fromMs, filter.recordedFromMs ?? fromMs);
    const bounds = [filter.recordedToMs, toMs].filter((ms) => ms !== undefined && ms !== null);
    const until = bounds.length === 0 ? {} : { recordedToMs: Math.min(...bounds) };
    const wanted = { ...filter, recordedFromMs, ...until };
    const query = { tenant, filter: wanted, order: "oldest_first", after: null, limit: 0 } as const;
    const limits = { ...EXPORT_LIMITS, maxReads: MAX_CATCH_UP_READS };
    let isWhole = true;
    for await (const { found, place } of scanSteps(sources, query, limits, tally)) {
      yield found.map(({ line }) => line);
      isWhole = place === null;
    }
    if (!isWhole) throw new CatchUpTooLong();
  }

  return {
    shardNames: () => shardNames(env, environment, nowMs()),
    ask: (shard, from, waitMs) => shards.getByName(shard).tailFrom(asked, from, waitMs) as Promise<TailAnswer>,
    segment: (key) => readSegmentLines(env.EVENTS, key),
    stored,
    reader: async () => foundReader(asked, await sources.redactionOf(tenant)),
    nowMs,
  };
}
