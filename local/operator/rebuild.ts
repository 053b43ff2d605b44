/**
 * Makes the projection anew from R2 while the system runs: empties the tables, moves what the logs hold to R2, and replays every hour that
 * R2 has. What comes in meanwhile is projected as ever; rows are joined, so that order and repetition do not matter.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { HOUR_MS, OPERATOR_PATHS, type ReplayLine } from "../../contracts/operator.ts";
import { OperatorError } from "./deployment.ts";
import { flush } from "../verify/collect.ts";
import { LANES, type LaneClient, type Lanes } from "./lane-client.ts";

/** Hours of both lanes that are replayed at the same time. */
const HOURS_AT_ONCE = 2;
/** Of one hour, when its answer breaks off: Postgres or the lane may be away for a moment. */
const MAX_ATTEMPTS = 5;
/** Longer after each attempt. */
const RETRY_PAUSE_MS = 2_000;

export type Rebuilt = { hours: number; events: number; leftOut: number; readonly unreadable: string[] };

type Hour = { readonly client: LaneClient; readonly fromMs: number };

async function hoursOf(client: LaneClient): Promise<Hour[]> {
  const { hours } = (await client.ask("GET", OPERATOR_PATHS.hours)) as { hours: number[] };
  return hours.map((fromMs) => ({ client, fromMs }));
}

/** Doing it again does no harm: it is as good as having done it once. */
async function replayHour(hour: Hour, rebuilt: Rebuilt): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await replayOnce(hour, rebuilt);
    } catch (error) {
      if (!(error instanceof OperatorError) || attempt === MAX_ATTEMPTS) throw error;
      await sleep(attempt * RETRY_PAUSE_MS);
    }
  }
}

async function replayOnce({ client, fromMs }: Hour, rebuilt: Rebuilt): Promise<void> {
  for await (const line of client.lines<ReplayLine>("POST", OPERATOR_PATHS.replay, { fromMs, toMs: fromMs + HOUR_MS })) {
    if (!("end" in line)) continue;
    rebuilt.hours += 1;
    rebuilt.events += line.end.events;
    rebuilt.leftOut += line.end.leftOut;
    rebuilt.unreadable.push(...line.end.unreadable);
  }
}

/**
 * @param empty takes away what is there.
 * @param progress after each hour.
 * @throws {OperatorError} when a lane does not answer; then it is to be begun again.
 */
export async function rebuild(
  lanes: Lanes,
  empty: () => Promise<void>,
  progress: (done: Rebuilt, of: number) => void,
): Promise<Rebuilt> {
  await empty();
  // A batch that was written before the tables were emptied came out of a head or of R2; now all of it is in R2.
  await flush(lanes);
  const hours = (await Promise.all(LANES.map((lane) => hoursOf(lanes[lane])))).flat().sort((a, b) => a.fromMs - b.fromMs);
  const of = hours.length;
  const rebuilt: Rebuilt = { hours: 0, events: 0, leftOut: 0, unreadable: [] };
  const workers = Array.from({ length: HOURS_AT_ONCE }, async () => {
    // The newest first: lists begin with them.
    for (let hour = hours.pop(); hour !== undefined; hour = hours.pop()) {
      await replayHour(hour, rebuilt);
      progress(rebuilt, of);
    }
  });
  await Promise.all(workers);
  return rebuilt;
}
