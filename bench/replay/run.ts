/** `bench -- replay`: how long a million stored calls take to be decided again, against reading them alone. */
import { join } from "node:path";
import { describeMachine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import { startRuntime } from "../runtime/runtime.ts";
import type { Workspace } from "../workspace.ts";
import type { Filled } from "./messages.ts";
import { type Measured, replayReport } from "./report.ts";
import { SPEC, VARIANTS, lane, measure } from "./variants.ts";

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

async function filled(workspace: Workspace, persistence: string): Promise<Filled> {
  const worker = await lane(workspace);
  const runtime = await startRuntime(workspace, [worker], persistence);
  try {
    return await runtime.fillEvents(worker.name, SPEC);
  } finally {
    await runtime.stop();
  }
}

export async function benchReplay(workspace: Workspace, options: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const chosen = options.only.length === 0 ? VARIANTS : VARIANTS.filter(({ name }) => options.only.includes(name));
  if (chosen.length === 0) throw new Error(`--only knows ${VARIANTS.map(({ name }) => name).join(", ")}`);
  const persistence = join(workspace.folder, "replay-state");
  progress("storing the calls");
  const stored = await filled(workspace, persistence);
  const measured = new Map<string, Measured[]>(chosen.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const variant of chosen) {
      progress(`round ${round}: ${variant.name}`);
      measured.get(variant.name)!.push(await measure(workspace, variant, persistence));
    }
  }
  return replayReport({ machine, rounds: options.rounds, spec: SPEC, stored, measured });
}
