import { readFileSync } from "node:fs";

const BYTES_PER_KB = 1_024;

/** A line of `/proc/<pid>/status` in bytes (proc(5)); NaN where that does not tell. */
function statusBytes(pid: number, name: "VmHWM" | "VmRSS"): number {
  try {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) * BYTES_PER_KB;
  } catch {
    return Number.NaN;
  }
}

/** The most resident memory that a process has had since its start, in bytes; NaN where it is not told. */
export const peakBytesOf = (pid: number): number => statusBytes(pid, "VmHWM");

/** The resident memory of a process now, in bytes; NaN where it is not told. */
export const residentBytesOf = (pid: number): number => statusBytes(pid, "VmRSS");
