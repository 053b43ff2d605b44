/**
 * Which processor does what. The emergency lane and whoever measures it have one for themselves, so that nothing else takes from it what
 * it needs; everything else, the standard lane, Postgres, the flood and this process, shares the others. At the edge the two lanes do
 * not run on the same machine at all.
 */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

export type Cores = { readonly emergency: number; readonly others: string };

/** Null: there is but one processor, or no way to keep a process to one. */
export function dividedCores(): Cores | null {
  const count = availableParallelism();
  if (count < 2 || process.platform !== "linux") return null;
  return { emergency: count - 1, others: count === 2 ? "0" : `0-${count - 2}` };
}

/** Keeps a process that runs, with its threads and whatever it starts from now on, to processors. */
export function pin(pid: number, cores: number | string | undefined): void {
  if (cores !== undefined) execFileSync("taskset", ["-a", "-c", "-p", String(cores), String(pid)], { stdio: "ignore" });
}
