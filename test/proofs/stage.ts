/** A started system for a proof, and how an operator sees it. */
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Period } from "../../contracts/operator.ts";
import { LIMIT_NAMES } from "../../domain/limits/policy.ts";
import { type Lanes, lanesOf } from "../../local/operator/lane-client.ts";
import { freePairOf } from "../../local/ports.ts";
import { readSecrets } from "../../local/secrets.ts";
import { removeState } from "../../local/state.ts";
import { type System, type SystemOptions, startSystem } from "../../local/system.ts";
import { behindOf } from "../../local/verify/collect.ts";
import { reportLines } from "../../local/verify/report.ts";
import { type Outcome, verify } from "../../local/verify/verify.ts";

/** Memory where there is such a thing: a disk that others write to measures them. */
export const SCRATCH = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const PORTS = { first: 19_600, last: 19_698 };
/** Messages of the queue may be lost: then the log's own alarm wakes again, after half a minute at most, and again. */
const VERIFY_WAIT_MS = 90_000;
const CATCH_UP_POLL_MS = 250;
const MAX_LINES = 40;

export type Stage = {
  readonly system: System;
  readonly stateDir: string;
  readonly lanes: Lanes;
  /** Before anything was called. */
  readonly startedMs: number;
  readonly end: () => Promise<void>;
};

/** The lanes of a system that runs, for whoever has its configuration key. */
export function operatorOf(stateDir: string, system: Pick<System, "gateUrl" | "standardUrl">): Lanes {
  const secrets = readSecrets(stateDir);
  if (secrets === undefined) throw new Error("a started system has secrets");
  const urls = { emergency: system.gateUrl, standard: system.standardUrl };
  return lanesOf({ urls, configKey: secrets.configKey, isLocal: true });
}

/** Nobody waits for a limit in a proof of something else. */
const AMPLE = { burst: 1_000_000, perS: 100_000 };
export const API_LIMITS = JSON.stringify(Object.fromEntries(LIMIT_NAMES.map((limit) => [limit, AMPLE])));

export async function setStage(options: Partial<SystemOptions> = {}): Promise<Stage> {
  const stateDir = mkdtempSync(join(SCRATCH, "trunkline-proof-"));
  const startedMs = Date.now();
  const system = await startSystem({ stateDir, port: await freePairOf(PORTS.first, PORTS.last), notice: () => {}, ...options });
  return {
    system,
    stateDir,
    lanes: operatorOf(stateDir, system),
    startedMs,
    end: async () => {
      await system.stop();
      removeState(stateDir);
    },
  };
}

/** @returns after how many milliseconds the projection had everything that was recorded before `untilMs`; null: not in time. */
export async function caughtUpAfter(lanes: Lanes, untilMs: number, deadlineMs: number): Promise<number | null> {
  const startedMs = Date.now();
  while (Date.now() - startedMs < deadlineMs) {
    const behind = await behindOf(lanes, untilMs).catch(() => null);
    if (behind?.size === 0) return Date.now() - startedMs;
    await sleep(CATCH_UP_POLL_MS);
  }
  return null;
}

export type Verified = { readonly outcome: Outcome; readonly lines: readonly string[]; readonly tookMs: number };

/** What `npm run verify` says of everything until now. @param aheadMs how far ahead the clock of a lane may have been. */
export async function verifyAll(lanes: Lanes, fromMs: number, waitMs = VERIFY_WAIT_MS, aheadMs = 0): Promise<Verified> {
  const startedMs = Date.now();
  const period: Period = { fromMs, toMs: startedMs + aheadMs };
  const outcome = await verify(lanes, period, waitMs, () => {});
  return { outcome, lines: reportLines(outcome, period, MAX_LINES), tookMs: Date.now() - startedMs };
}
