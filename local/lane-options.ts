/** What a lane's process is started with: wrangler.toml, and the values that only this machine knows. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { carrierAccounts } from "./carrier-account.ts";
import type { LaneName } from "./lane-messages.ts";
import { borrowedBucket, type LentBucket } from "./lent-bucket.ts";
import { ROOT } from "./paths.ts";
import type { Secrets } from "./secrets.ts";
import { authIssuers } from "./tokens.ts";

/** Nothing is looked up on the internet, nothing reported. */
export const OFFLINE = { CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "none" } as const;

const READ_DEADLINE_MS = 60_000;

const environments = z.record(
  z.string(),
  z.looseObject({
    bindings: z.record(z.string(), z.unknown()),
    serviceBindings: z.record(z.string(), z.unknown()),
    r2Buckets: z.record(z.string(), z.looseObject({ id: z.string() })),
  }),
);

/** Both lanes' options by environment. Kept per content of the two files that decide them: reading takes wrangler more than a second. */
export async function readLaneEnvironments(stateDir: string): Promise<z.infer<typeof environments>> {
  const key = createHash("sha256");
  for (const file of ["wrangler.toml", "package-lock.json"]) key.update(readFileSync(join(ROOT, file)));
  const kept = join(stateDir, "build", `lanes-${key.digest("hex").slice(0, 16)}.json`);
  if (existsSync(kept)) return environments.parse(JSON.parse(readFileSync(kept, "utf8")));
  const script = join(ROOT, "local", "print-worker-options.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, "standard-dev", "emergency-dev"], {
    cwd: ROOT,
    timeout: READ_DEADLINE_MS,
    env: { ...process.env, ...OFFLINE },
  });
  // wrangler may have said something before; the options are the last line.
  const text = stdout.slice(stdout.lastIndexOf("\n") + 1);
  const parsed = environments.parse(JSON.parse(text));
  mkdirSync(join(stateDir, "build"), { recursive: true });
  writeFileSync(kept, text);
  return parsed;
}

/** Connection to Postgres as the Worker gets it; absent in a system that runs without. */
export type DatabaseAccess = { readonly url: string; readonly endpoint: string };

/** Nobody listens there: the Worker sees a database that is down. */
const NO_DATABASE: DatabaseAccess = { url: "postgresql://nobody:nothing@127.0.0.1:1/none", endpoint: "http://127.0.0.1:1/sql" };

/** @param carrierPort where the loopback carrier listens; absent: there is no account. */
export function laneVariables(
  secrets: Secrets,
  database: DatabaseAccess = NO_DATABASE,
  carrierPort?: number,
): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    DATABASE_LOCAL_ENDPOINT: database.endpoint,
    CONFIG_KEY: secrets.configKey,
    DATA_KEYS: process.env["DATA_KEYS"] ?? "",
    AUTH_ISSUERS: authIssuers(secrets),
    CARRIER_ACCOUNTS: JSON.stringify(carrierPort === undefined ? [] : carrierAccounts(secrets, carrierPort)),
    STATIC_EMERGENCY: JSON.stringify(JSON.parse(readFileSync(join(ROOT, "local", "seed", "static-emergency.json"), "utf8"))),
  };
}

/** By which the standard lane reaches the emergency lane's bucket. */
const GATE_CONFIG = "GATE_CONFIG";

async function environmentOf(stateDir: string, lane: LaneName) {
  const options = (await readLaneEnvironments(stateDir))[`${lane}-dev`];
  if (options === undefined) throw new Error(`wrangler.toml has no environment ${lane}-dev`);
  return options;
}

/** Name of the emergency lane's configuration bucket, which the standard lane has as GATE_CONFIG. */
export async function gateConfigBucket(stateDir: string): Promise<string> {
  const bucket = (await environmentOf(stateDir, "standard")).r2Buckets[GATE_CONFIG];
  if (bucket === undefined) throw new Error(`wrangler.toml binds no ${GATE_CONFIG} in standard-dev`);
  return bucket.id;
}

/**
 * Miniflare's options for a lane.
 * @param standardPort the emergency lane reaches the standard Worker in its own process, by a socket that refuses when it is dead.
 * @param gateConfig the standard lane borrows this bucket; without, its GATE_CONFIG is one of its own.
 */
export async function laneWorkerOptions(
  stateDir: string,
  lane: LaneName,
  variables: Readonly<Record<string, string>>,
  standardPort: number,
  gateConfig?: LentBucket,
): Promise<Record<string, unknown>> {
  const options = await environmentOf(stateDir, lane);
  const bindings = { ...options.bindings, ...variables };
  if (lane === "standard") {
    if (gateConfig === undefined) return { ...options, bindings };
    const { [GATE_CONFIG]: _elsewhere, ...r2Buckets } = options.r2Buckets;
    return { ...options, bindings, r2Buckets, unsafeBindings: [borrowedBucket(GATE_CONFIG, gateConfig)] };
  }
  const standard = { external: { address: `127.0.0.1:${standardPort}`, http: {} } };
  return { ...options, bindings, serviceBindings: { ...options.serviceBindings, STANDARD: standard } };
}
