/** `npm start` and `npm run dev`: the system in the foreground, until Ctrl-C or SIGTERM. */
import { parseArgs } from "node:util";
import { join } from "node:path";
import { DEFAULT_PORT, DEFAULT_STATE_DIR } from "./paths.ts";
import { PortTakenError, startSystem, type System } from "./system.ts";

const MAX_PORT = 65_534;
const SAMPLE_CALL = { from: "+1 555 010 0100", to: "+1 (555) 123-0001", channel: "api" };

function portFromEnvironment(): number {
  const text = process.env["PORT"] ?? String(DEFAULT_PORT);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT)
    throw new Error(`PORT has to be a number from 1 to ${MAX_PORT}, not "${text}"`);
  return port;
}

async function welcome(system: System, tookMs: number): Promise<string> {
  const token = await system.token("admin");
  const { gateUrl, standardUrl, carrierUrl } = system;
  return `
Trunkline is running (started in ${(tookMs / 1_000).toFixed(1)} s). Ctrl-C stops it.

  Gate            ${gateUrl}      call set-up, emergency lane
  Standard lane   ${standardUrl}
  Configuration   ${standardUrl}/v1/routing-rules and the like; npm run config -- pull: all of it as one YAML file
  Carrier         ${carrierUrl}/legs      what Trunkline has dialled; /behaviour: what becomes of it
  Health          ${gateUrl}/healthz   ${gateUrl}/readyz   ${gateUrl}/metrics
  Logs            ${join(DEFAULT_STATE_DIR, "logs")}/{emergency,standard}.jsonl
  State           ${DEFAULT_STATE_DIR}   (npm run reset wipes it)

Route a call:

curl -s ${gateUrl}/v1/calls -H "Authorization: Bearer ${token}" -H "Content-Type: application/json" -d '${JSON.stringify(SAMPLE_CALL)}'

Demo token (tenant demo, role admin, 8 hours; others: npm run token -- --role viewer):

${token}
`;
}

function fail(error: unknown): never {
  const hint =
    error instanceof PortTakenError ? ". Another port: PORT=9000 npm start (it takes two, that one and the next)" : "";
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${hint}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { reload: { type: "boolean", default: false } } });
  const startedAt = Date.now();
  const starting = startSystem({ stateDir: DEFAULT_STATE_DIR, port: portFromEnvironment(), reload: values.reload });
  // The same Ctrl-C may arrive several times, from the terminal and through npm; once is enough.
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    process.stderr.write("Stopping …\n");
    // What starts is stopped when it has started: interrupted half-way it would leave more behind than it takes to finish.
    await starting.then((system) => system.stop());
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop().catch(fail));

  const system = await starting;
  if (stopping) return;
  process.stdout.write(await welcome(system, Date.now() - startedAt));
  if (values.reload) process.stdout.write("\nWatching the source: changes reload both lanes.\n");
}

await main().catch(fail);
