/** Wake-ups are lost, the projector is killed, and the tables are made anew, all while calls go on. */
import { setTimeout as sleep } from "node:timers/promises";
import { emptyProjection, localOwnerUrl } from "../../local/operator/owner.ts";
import { type Rebuilt, rebuild } from "../../local/operator/rebuild.ts";
import { type Calls, type Target, placeCalls } from "./calls.ts";
import { type Stage, type Verified, caughtUpAfter, verifyAll } from "./stage.ts";

/** A lane that was killed is back within seconds; what was sent meanwhile is sent again. */
const INSIST_MS = 30_000;
/** A shard wakes again after half a minute at most, and again: that ten of its messages are lost in a row is a chance of one in a thousand. */
const CATCH_UP_DEADLINE_MS = 270_000;
const BETWEEN_KILLS_MS = 5_000;

export type QueueOptions = { readonly perSecond: number; readonly kills: number };
export type QueueProof = {
  readonly calls: Calls;
  /** After the last call. */
  readonly caughtUpMs: number | null;
  readonly afterLoss: Verified;
  /** Sessions whose last events a killed lane had not brought to the log: they were told something more, and offered them again. */
  readonly roused: number;
  readonly rebuilt: Rebuilt;
  readonly afterRebuild: Verified;
};

const noProgress = (): void => {};

/** Empties the tables and fills them again, while the system runs. */
export const rebuildOf = ({ stateDir, lanes }: Pick<Stage, "stateDir" | "lanes">): Promise<Rebuilt> =>
  rebuild(lanes, () => emptyProjection(localOwnerUrl(stateDir)), noProgress);

/**
 * A lane that dies between a session's commit and the log's leaves events in the session, which offers them again with the next thing that
 * happens to it, at the latest when it looks at itself. Here something happens.
 */
async function rouse({ url, key }: Target, { outcome }: Verified): Promise<number> {
  const behind = new Set(outcome.differences.filter(({ kind }) => kind === "log_behind").map(({ session }) => session));
  for (const session of behind) {
    const answer = await fetch(`${url}/v1/sessions/${session}/commands`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ command: "note", text: "still there?" }),
    });
    if (!answer.ok) throw new Error(`a note was answered ${answer.status}`);
  }
  return behind.size;
}

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
  const roused = await rouse(target, await verifyAll(lanes, startedMs, 0));
  await caughtUpAfter(lanes, Date.now(), CATCH_UP_DEADLINE_MS);
  const afterLoss = await verifyAll(lanes, startedMs);
  const meanwhile = placeCalls(target, { perSecond, pauseMs: 100 });
  await sleep(1_000);
  const rebuilt = await rebuildOf(stage);
  await meanwhile.finish();
  await caughtUpAfter(lanes, Date.now(), CATCH_UP_DEADLINE_MS);
  return { calls, caughtUpMs, roused, afterLoss, rebuilt, afterRebuild: await verifyAll(lanes, startedMs) };
}
