/** What the standard lane's workerd and Postgres hold while something is done, sampled. Linux alone says; elsewhere it is NaN. */
import { readFileSync } from "node:fs";
import type { System } from "../../local/system.ts";

const SAMPLE_EVERY_MS = 50;
const KIB_PER_MIB = 1_024;

function mibIn(file: string, field: string): number {
  try {
    const found = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(file, "utf8"));
    return found === null ? Number.NaN : Number(found[1]) / KIB_PER_MIB;
  } catch {
    return Number.NaN;
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** MiB. Of Postgres: its processes together, memory that they share counted once. */
type Held = { readonly worker: number; readonly postgres: number };

function heldBy(system: System): Held {
  const { standard, postgres } = system.pids();
  const processes = postgres === undefined ? [] : [postgres, ...childrenOf(postgres)];
  const shares = processes.map((pid) => mibIn(`/proc/${pid}/smaps_rollup`, "Pss")).filter((share) => !Number.isNaN(share));
  return {
    worker: standard === undefined ? Number.NaN : mibIn(`/proc/${standard.workerd}/status`, "VmRSS"),
    postgres: shares.length === 0 ? Number.NaN : shares.reduce((sum, share) => sum + share, 0),
  };
}

export type Growth = { readonly before: Held; readonly peak: Held };

/** @returns what the work returns, and the highest samples meanwhile. */
export async function watched<T>(
  system: System,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly growth: Growth }> {
  const before = heldBy(system);
  let peak = before;
  const timer = setInterval(() => {
    const now = heldBy(system);
    peak = { worker: Math.max(peak.worker, now.worker), postgres: Math.max(peak.postgres, now.postgres) };
  }, SAMPLE_EVERY_MS);
  try {
    return { value: await work(), growth: { before, peak } };
  } finally {
    clearInterval(timer);
  }
}
