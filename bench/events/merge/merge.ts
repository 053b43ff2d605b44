/** Merges a day in a process with a small heap, and counts what it takes. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "../../child.ts";
import type { Workspace } from "../../workspace.ts";
import type { DayShape, FromMerge, Merged, Prepared, ToMerge } from "./messages.ts";

/** What V8 may have for objects. An isolate has 128 MB for everything. */
export const HEAP_MB = 96;
const DEADLINE_MS = 20 * 60_000;
const SCRIPT = "bench/events/merge/process.ts";

export type DayMerged = { readonly shape: DayShape; readonly prepared: Prepared; readonly merged: Merged };

export async function mergeADay(workspace: Workspace, shape: DayShape): Promise<DayMerged> {
  const folder = join(workspace.folder, "merge");
  const ask = async <T extends "prepared" | "merged">(
    type: ToMerge["type"],
    answer: T,
    nodeOptions: readonly string[],
  ): Promise<Extract<FromMerge, { type: T }>> => {
    const child = startChild<ToMerge, FromMerge>(SCRIPT, folder, undefined, nodeOptions);
    try {
      return await child.ask({ type, folder, shape }, answer, DEADLINE_MS);
    } finally {
      await child.stop();
    }
  };
  try {
    const prepared = await ask("prepare", "prepared", []);
    const merged = await ask("merge", "merged", [`--max-old-space-size=${HEAP_MB}`]);
    return { shape, prepared, merged };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
