/** Wake-ups are lost, the projector is killed, and the tables are made anew, all while calls go on. */
import { setTimeout as sleep } from "node:timers/promises";
import { emptyProjection, localOwnerUrl } from "../../local/operator/owner.ts";
import { HANDOVER_MS } from "../../domain/call/timers.ts";
import { type Rebuilt, rebuild } from "../../local/operator/rebuild.ts";
import { type Calls, placeCalls } from "./calls.ts";
import { type Stage, type Verified, caughtUpAfter, verifyAll } from "./stage.ts";

/** A lane that was killed is back within seconds; what was sent meanwhile is sent again. */
const INSIST_MS = 30_000;
/** A shard wakes again after half a minute at most, and again: that ten of its messages are lost in a row is a chance of one in a thousand. */
const CATCH_UP_DEADLINE_MS = 270_000;
/** A session whose events a killed lane had not brought to the log brings them by then itself, with a little time for the log. */
const HANDED_OVER_MS = HANDOVER_MS + 5_000;
const BETWEEN_KILLS_MS = 5_000;

export type QueueOptions = { readonly perSecond: number; readonly kills: number };
export type QueueProof = {
  readonly calls: Calls;
  /** After the last call. */
  readonly caughtUpMs: number | null;
  readonly afterLoss: Verified;
  readonly rebuilt: Rebuilt;
  readonly afterRebuild: Verified;
};

const noProgress = (): void => {};

/** Empties the tables and fills them again, while the system runs. */
export const rebuildOf = ({ stateDir, lanes }: Pick<Stage, "stateDir" | "lanes">): Promise<Rebuilt> =>
  rebuild(lanes, () => emptyProjection(localOwnerUrl(stateDir)), noProgress);

/** @param stage a system whose queue loses messages (lossy-worker.ts). */
export async function queueLoss(stage: Stage, { perSecond, kills }: QueueOptions): Promise<QueueProof> {
  const { system, lanes, startedMs } = stage;
  const target = { url: system.gateUrl, key: system.apiKeys.demo };
  const calls = placeCalls(target, { perSecond, pauseMs: 250, insistMs: INSIST_MS });
  for (let kill = 0; kill < kills; kill++) {
    await sleep(BETWEEN_KILLS_MS);
    await system.kill(kill % 2 === 0 ? "standard" : "emergency");
  }
  await sleep(BETWEEN_KILLS_MS);
  await calls.finish();
  const caughtUpMs = await caughtUpAfter(lanes, Date.now(), CATCH_UP_DEADLINE_MS);
  await sleep(HANDED_OVER_MS);
  await caughtUpAfter(lanes, Date.now(), CATCH_UP_DEADLINE_MS);
  const afterLoss = await verifyAll(lanes, startedMs);
  const meanwhile = placeCalls(target, { perSecond, pauseMs: 100 });
  await sleep(1_000);
  const rebuilt = await rebuildOf(stage);
  await meanwhile.finish();
  await caughtUpAfter(lanes, Date.now(), CATCH_UP_DEADLINE_MS);
  return { calls, caughtUpMs, afterLoss, rebuilt, afterRebuild: await verifyAll(lanes, startedMs) };
}
