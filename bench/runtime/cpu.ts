import { readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second, whatever its own tick is. */
const TICK_MS = 10;
/** Positions after the command's closing bracket: user and system time. */
const [USER, SYSTEM] = [11, 12];

/** Processor time of a process since its start, in milliseconds; NaN where `/proc` does not tell (proc(5)). */
export function cpuMsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[USER]) + Number(fields[SYSTEM])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}
