/** `bench -- routing`: what a decision costs, and a configuration, with few rules and with many. */
import { join } from "node:path";
import { type Child, startChild } from "../child.ts";
import { describeMachine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import type { Workspace } from "../workspace.ts";
import type { Size } from "./configuration.ts";
import type { Built, FromProcess, Measured, ToProcess } from "./messages.ts";
import { type Variant, VARIANTS, routingReport } from "./report.ts";

const BUILD_DEADLINE_MS = 180_000;
const MEASURE_DEADLINE_MS = 180_000;

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

async function inFreshProcess<T>(workspace: Workspace, ask: (child: Child<ToProcess, FromProcess>) => Promise<T>): Promise<T> {
  const child = startChild<ToProcess, FromProcess>("bench/routing/process.ts", join(workspace.folder, "routing"));
  try {
    return await ask(child);
  } finally {
    await child.stop();
  }
}

const folderOf = (workspace: Workspace, { prefixRules }: Size): string =>
  join(workspace.folder, "routing", String(prefixRules));

export async function benchRouting(workspace: Workspace, options: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const chosen = options.only.length === 0 ? VARIANTS : VARIANTS.filter(({ name }) => options.only.includes(name));
  if (chosen.length === 0) throw new Error(`--only knows ${VARIANTS.map(({ name }) => name).join(", ")}`);
  const built = new Map<Size, Built>();
  for (const { size } of chosen) {
    if (built.has(size)) continue;
    progress(`compiling ${size.prefixRules} prefix rules and ${size.mixedRules} others`);
    const message = { type: "build", size, folder: folderOf(workspace, size) } as const;
    built.set(size, await inFreshProcess(workspace, (child) => child.ask(message, "built", BUILD_DEADLINE_MS)));
  }
  const measured = new Map<Variant, Measured[]>(chosen.map((variant) => [variant, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const variant of chosen) {
      progress(`round ${round}: ${variant.name}`);
      const message = {
        type: "measure",
        what: variant.what,
        traffic: variant.traffic,
        folder: folderOf(workspace, variant.size),
      } as const;
      const result = await inFreshProcess(workspace, (child) => child.ask(message, "measured", MEASURE_DEADLINE_MS));
      measured.get(variant)!.push(result);
    }
  }
  return routingReport({ machine, rounds: options.rounds, built, measured });
}
