/** What the operator's command asks of both lanes' event stores. */
import { setTimeout as sleep } from "node:timers/promises";
import { type CompactAnswer, type EventStatus, OPERATOR_PATHS, type RebuildIndexAnswer } from "../../contracts/operator.ts";
import { OperatorError } from "./deployment.ts";
import type { LaneClient } from "./lane-client.ts";

/** The cron merges too, and is done within a minute. */
const BUSY_PAUSE_MS = 5_000;
const MAX_BUSY = 24;
const MAX_RUNS = 1_000;
const DAY_MS = 24 * 3_600_000;
const ISO_DAY_LENGTH = "YYYY-MM-DD".length;

export type Say = (text: string) => void;

/** Asks until the lane is not busy. */
async function whenFree<T>(ask: () => Promise<T | null>): Promise<T> {
  for (let attempt = 1; attempt <= MAX_BUSY; attempt++) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(BUSY_PAUSE_MS);
  }
  throw new OperatorError("The event store is being merged all the time: try again later.");
}

/** Merges until nothing is left to do. @returns false when a step failed. */
export async function compact(client: LaneClient, now: boolean, say: Say): Promise<boolean> {
  const ask = async () => ((await client.ask("POST", OPERATOR_PATHS.compact, { now })) as CompactAnswer).report;
  for (let run = 1; run <= MAX_RUNS; run++) {
    const { hours, days, events, deleted, damaged, failures, unfinished } = await whenFree(ask);
    say(
      `${client.lane}: ${hours} hours, ${days} days, ${events} events written, ${deleted} objects deleted, ${damaged} damaged`,
    );
    if (!unfinished) return failures === 0;
  }
  return false;
}

/** Each day by itself, so that an answer comes in time. @returns false when a step failed. */
export async function rebuildIndex(
  client: LaneClient,
  { tenant, from, to }: { readonly tenant: string | null; readonly from: string; readonly to: string },
  say: Say,
): Promise<boolean> {
  let failed = 0;
  for (let ms = Date.parse(from); ms <= Date.parse(to); ms += DAY_MS) {
    const day = new Date(ms).toISOString().slice(0, ISO_DAY_LENGTH);
    const body = { tenant, from: day, to: day };
    const ask = async () => ((await client.ask("POST", OPERATOR_PATHS.rebuildIndex, body)) as RebuildIndexAnswer).rebuilt;
    const { manifests, days, segments, damaged, failures } = await whenFree(ask);
    failed += failures;
    if (manifests + days + damaged + failures > 0)
      say(
        `${client.lane} ${day}: ${manifests} manifests, ${days} catalogues of ${segments} segments, ${damaged} damaged, ${failures} failed`,
      );
  }
  return failed === 0;
}

export async function printStatus(client: LaneClient, say: Say): Promise<void> {
  const { shards, openDays, tenants, trash, damaged } = (await client.ask("GET", OPERATOR_PATHS.eventStatus)) as EventStatus;
  for (const { shard, pendingHours } of shards)
    say(
      `${client.lane}: ${shard} has ${pendingHours.length} hours to be merged${pendingHours.length === 0 ? "" : `, from ${pendingHours[0]}`}`,
    );
  for (const { tenant, days } of tenants) say(`${client.lane}: ${tenant} has ${days} merged days`);
  say(
    `${client.lane}: ${openDays.length} days to be merged from their hours, ${trash} notes in the trash, ${damaged.length} damaged objects`,
  );
  for (const key of damaged) say(`${client.lane}: damaged: ${key}`);
}
