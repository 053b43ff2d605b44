/** `bench -- cost`: what a million calls cost by the public price list. */
import { startSeededDatabase } from "../database.ts";
import { describeMachine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import type { Workspace } from "../workspace.ts";
import { costReport } from "./report.ts";
import { atRate, trickle } from "./scenario.ts";

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

export async function benchCost(workspace: Workspace, _options: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const surroundings = { workspace, database: await startSeededDatabase(workspace) };
  progress("calls at a rate");
  const rate = await atRate(surroundings);
  progress("one call at a time");
  return costReport({ machine, rate, trickle: await trickle(surroundings) });
}
