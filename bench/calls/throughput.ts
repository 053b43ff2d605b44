/** Rounds of all variants, one after another, so that what troubles the machine troubles all alike. */
import { rotated } from "../rotated.ts";
import { windowOf, type Window } from "../statistics.ts";
import { runBurst } from "../load/load.ts";
import type { Errors } from "../load/messages.ts";
import type { Workspace } from "../workspace.ts";
import { BODY, type Variant } from "./variants.ts";

export const CONNECTIONS = 32;
/** Enough for the engine to have compiled what a request runs through; together with a window below what one process may make. */
const WARM_UP = 1_000;

export type Measured = { readonly variant: Variant; readonly windows: Window[]; readonly errors: Errors };

async function measure(workspace: Workspace, { start, count }: Variant): Promise<{ window: Window; errors: Errors }> {
  const { target, cpuMs, stop } = await start(workspace);
  try {
    const job = { target, body: BODY, connections: CONNECTIONS, warmUp: WARM_UP, count };
    const beforeMs = cpuMs();
    const { latenciesMs, seconds, errors } = await runBurst(workspace, job);
    // The warm-up's share is taken off by count: its requests are the same ones.
    const usedMs = ((cpuMs() - beforeMs) * count) / (count + WARM_UP);
    return { window: windowOf(latenciesMs, seconds, usedMs), errors };
  } finally {
    await stop();
  }
}

/** @param progress told after every window. */
export async function runRounds(
  workspace: Workspace,
  variants: readonly Variant[],
  rounds: number,
  progress: (text: string) => void,
): Promise<Measured[]> {
  const measured = new Map(variants.map((variant) => [variant, { variant, windows: [] as Window[], errors: {} as Errors }]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of rotated(variants, round)) {
      const { window, errors } = await measure(workspace, variant);
      const into = measured.get(variant)!;
      into.windows.push(window);
      for (const [status, count] of Object.entries(errors)) into.errors[status] = (into.errors[status] ?? 0) + count;
      progress(
        `round ${round + 1}/${rounds}  ${variant.name.padEnd(18)} ${window.perSecond.toFixed(0).padStart(6)}/s  ${window.cpuMs.toFixed(2)} ms CPU`,
      );
    }
  }
  return [...measured.values()];
}
