/** One step of a run that must not stop the others. */
import type { Run } from "./ports.ts";

/** @returns whether it was done; if not, it is logged and counted, and the next run does it. */
export async function attempt(
  { deps, report }: Run,
  failure: string,
  of: Readonly<Record<string, string>>,
  step: () => Promise<void>,
): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    report.failures += 1;
    deps.meter.count("trunkline_compaction_failures_total", {});
    deps.log("error", failure, { ...of, cause: error instanceof Error ? error.name : "unknown" });
    return false;
  }
}
