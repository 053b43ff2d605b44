/** `npm run demo`: drives the running system through its main ways, over HTTP like any client, and tells what happens. */
import { isAbsolute, join, relative } from "node:path";
import { type Client, clientOf, DemoError } from "./demo/client.ts";
import { changeConfiguration } from "./demo/configuration.ts";
import { emergencyCall } from "./demo/emergency-call.ts";
import { bold, chapter, columns, dim, title } from "./demo/narrator.ts";
import { ordinaryCall } from "./demo/ordinary-call.ts";
import { placedCall } from "./demo/placed-call.ts";
import { pbxCall } from "./demo/pbx-call.ts";
import { checkReadiness } from "./demo/ready.ts";
import { refusedCalls } from "./demo/refused-calls.ts";
import { readBack } from "./demo/timeline.ts";
import { holderOf } from "./lock.ts";
import { DEFAULT_PORT, DEFAULT_STATE_DIR } from "./paths.ts";
import { DEMO_TENANT, readSecrets, type Secrets } from "./secrets.ts";
import { mintToken } from "./tokens.ts";

/** @throws {DemoError} that says how to start the system, when none runs with this state folder. */
function secretsOfRunningSystem(port: string): Secrets {
  const secrets = readSecrets(DEFAULT_STATE_DIR);
  if (secrets !== undefined && holderOf(DEFAULT_STATE_DIR) !== undefined) return secrets;
  const state = process.env["TRUNKLINE_STATE"] === undefined ? "" : `TRUNKLINE_STATE=${DEFAULT_STATE_DIR} `;
  const start = `${state}${port === String(DEFAULT_PORT) ? "" : `PORT=${port} `}npm start`;
  throw new DemoError(
    `No system is running with the state folder ${DEFAULT_STATE_DIR}.\nStart it in another terminal:  ${start}\nand run this again.`,
  );
}

function baseUrlOf(port: string): string {
  const url = `http://127.0.0.1:${port}`;
  if (!/^\d+$/.test(port) || !URL.canParse(url)) throw new DemoError(`PORT has to be a port's number, not "${port}"`);
  return url;
}

/** As seen from here, where that is inside. */
function shortest(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith("..") || isAbsolute(here) ? path : here;
}

function whereNext({ baseUrl }: Client): void {
  chapter(9, "Where to look next");
  const logs = shortest(join(DEFAULT_STATE_DIR, "logs"));
  const places = [
    ["metrics", `curl -s ${baseUrl}/metrics`, "both lanes, Prometheus text"],
    ["logs", `${logs}/{emergency,standard}.jsonl`, "one line per request and transition; traceId follows a call"],
    ["a token", "npm run token -- --role viewer", "for your own requests"],
    ["the rules", "npm run config -- pull", "all that decided the calls above, as one YAML file"],
    ["how it works", "docs/architecture.md", "what it promises: docs/spec.md"],
    ["a real PBX", "examples/kamailio/", "Kamailio's configuration for this system"],
  ] as const;
  const width = Math.max(...places.map(([, where]) => where.length));
  for (const [what, where, why] of places) columns([what, 13, dim], [where, width, bold], [why, 0, dim]);
}

async function main(): Promise<void> {
  const port = process.env["PORT"] ?? String(DEFAULT_PORT);
  const baseUrl = baseUrlOf(port);
  const secrets = secretsOfRunningSystem(port);
  const { apiKeys } = secrets;
  const client = clientOf(baseUrl, apiKeys.demo);
  title("Trunkline, the demo", `${baseUrl}, tenant ${DEMO_TENANT}`);
  await checkReadiness(client);
  const ordinary = await ordinaryCall(client);
  await refusedCalls(client);
  const emergency = await emergencyCall(client);
  await pbxCall(clientOf(baseUrl, apiKeys.pbx));
  // An integrator's key reads the configuration; changing it takes more.
  await changeConfiguration(client, clientOf(baseUrl, await mintToken(secrets, "admin", DEMO_TENANT)));
  await placedCall(client, apiKeys.demo);
  await readBack(client, ordinary, emergency);
  whereNext(client);
  process.stdout.write("\n");
}

try {
  await main();
} catch (error) {
  process.stderr.write(`\n✘ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
