/** `bench -- calls`: how fast a call is set up, against the floor of the platform. */
import { describeMachine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import { peerDatabase } from "../peer/database.ts";
import type { Workspace } from "../workspace.ts";
import { proveByCounting } from "./counting.ts";
import { callsReport } from "./report.ts";
import { sustain } from "./sustained.ts";
import { runRounds } from "./throughput.ts";
import { diagnostics, variants } from "./variants.ts";

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

export async function benchCalls(workspace: Workspace, options: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const all = [...variants(peerDatabase(workspace)), ...(options.diagnose ? diagnostics() : [])];
  const chosen = options.only.length === 0 ? all : all.filter(({ name }) => options.only.includes(name));
  if (chosen.length === 0) throw new Error(`--only knows ${all.map(({ name }) => name).join(", ")}`);
  const measured = await runRounds(workspace, chosen, options.rounds, progress);
  if (options.only.length > 0) return callsReport({ machine, rounds: options.rounds, measured });
  progress("counting what happens before an answer");
  const proof = await proveByCounting(workspace);
  progress("whole calls at a steady rate");
  const sustained = await sustain(workspace, options.rate);
  return callsReport({ machine, rounds: options.rounds, measured, proof, sustained });
}
