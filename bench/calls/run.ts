/** `bench -- calls`: how fast a call is set up, against the floor of the platform. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { removeOutsideFolder } from "../../local/postgres-home.ts";
import { startPostgres } from "../../local/postgres.ts";
import { onEnd } from "../cleanup.ts";
import { describeMachine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import type { Workspace } from "../workspace.ts";
import { proveByCounting } from "./counting.ts";
import { callsReport } from "./report.ts";
import { sustain } from "./sustained.ts";
import { runRounds } from "./throughput.ts";
import { type DatabaseUrl, diagnostics, variants } from "./variants.ts";

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

/** PostgreSQL for the peer, started when it is first needed, in the same storage. */
function databaseOf(workspace: Workspace): DatabaseUrl {
  let url: Promise<string> | undefined;
  const start = async (): Promise<string> => {
    const stateDir = join(workspace.folder, "peer-database");
    mkdirSync(stateDir);
    const remove = () => removeOutsideFolder(stateDir);
    onEnd(remove, remove);
    const postgres = await startPostgres(stateDir, workspace.secrets.postgres);
    onEnd(postgres.stop, () => void process.kill(postgres.pid, "SIGQUIT"));
    return postgres.url("trunkline_owner");
  };
  return () => (url ??= start());
}

export async function benchCalls(workspace: Workspace, options: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const all = [...variants(databaseOf(workspace)), ...(options.diagnose ? diagnostics() : [])];
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
