/** Looking at processes of this machine, and ending those that are ours. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { until } from "./deadline.ts";

/** A zombie does not count: it is gone but for the parent that has not asked. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return process.platform !== "linux";
  }
}

/** The command line of a process, arguments separated by spaces; empty when there is no such process. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** The direct children of a process. */
export function childrenOf(pid: number): number[] {
  try {
    const text =
      process.platform === "linux"
        ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
        : execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
    return text.split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Sends a signal to a process, or to a whole group when `pid` is negative; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Ends a process: each signal in turn, waiting up to its grace period. */
export async function end(pid: number, steps: readonly (readonly [NodeJS.Signals, number])[]): Promise<void> {
  for (const [name, graceMs] of steps) {
    if (!isAlive(pid)) return;
    signal(pid, name);
    if (await until(() => !isAlive(pid), graceMs)) return;
  }
  if (isAlive(pid)) throw new Error(`process ${pid} does not end`);
}

/** When a process began, in a form that only this machine understands: together with the id it names one process for ever. */
export function startOf(pid: number): string {
  try {
    if (process.platform !== "linux")
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const START_TIME = 19;
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[START_TIME] ?? "";
  } catch {
    return "";
  }
}
