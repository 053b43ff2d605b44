import { readFileSync } from "node:fs";

const BYTES_PER_KB = 1_024;

/** The most resident memory that a process has had since its start, in bytes; NaN where `/proc` does not tell (proc(5), `VmHWM`). */
export function peakBytesOf(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) * BYTES_PER_KB;
  } catch {
    return Number.NaN;
  }
}
