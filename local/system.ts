/** The whole local system: Postgres, the proxy, both lanes, the loopback carrier. `npm start`, the demo and the tests start it from here. */
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import type { JWTPayload } from "jose";
import type { Role } from "../domain/identity/principal.ts";
import { bundleWorker } from "./bundle.ts";
import { carrierOptions, carrierUrl } from "./carrier-account.ts";
import { type LocalDatabase, startDatabase } from "./database.ts";
import type { LaneName } from "./lane-messages.ts";
import type { LentBucket } from "./lent-bucket.ts";
import { gateConfigBucket, laneVariables, laneWorkerOptions, readLaneEnvironments } from "./lane-options.ts";
import { type LaneProcess, carrierProcess, laneProcess } from "./lane-process.ts";
import { acquireLock } from "./lock.ts";
import { freePort, isFree } from "./ports.ts";
import { watchSources } from "./reload.ts";
import { ensureSecrets, type Secrets } from "./secrets.ts";
import { putDatabaseInForce, putSeedsInForce } from "./put-in-force.ts";
import { seedDatabase } from "./seed.ts";
import { mintToken } from "./tokens.ts";

export type ProcessName = LaneName | "carrier" | "postgres";

export type SystemOptions = {
  readonly stateDir: string;
  /** The gate's port; the standard lane takes the next one. */
  readonly port: number;
  /** Replace or add variables of a lane. */
  readonly vars?: Partial<Record<LaneName, Readonly<Record<string, string>>>>;
  /** Without a database the Workers see one that is down; the configuration is published all the same. */
  readonly database?: boolean;
  readonly lanes?: readonly LaneName[];
  /** Without the loopback carrier there is no carrier account. */
  readonly carrier?: boolean;
  /** Reload the lanes when the source changes. */
  readonly reload?: boolean;
  /** Another Worker than this repository's. */
  readonly entry?: string;
  /** The only processor that a lane may run on; absent: any. */
  readonly cores?: Partial<Record<LaneName, number>>;
  /** Crashes and restarts; stderr by default. */
  readonly notice?: (text: string) => void;
};

export type Pids = {
  readonly supervisor: number;
  readonly postgres?: number;
  readonly carrier?: number;
  readonly standard?: { readonly node: number; readonly workerd: number };
  readonly emergency?: { readonly node: number; readonly workerd: number };
};

export type System = {
  /** The front door: the emergency lane. */
  readonly gateUrl: string;
  readonly standardUrl: string;
  /** The loopback carrier's: what it has dialled, how it behaves. */
  readonly carrierUrl: string;
  /** `demo` and `acme` are integrators of their tenants; `pbx` is one of `demo` for the trunk pbx-main alone. */
  readonly apiKeys: Secrets["apiKeys"];
  /** With which the trunk pbx-main of `demo` signs (Standard Webhooks). */
  readonly webhookSecret: string;
  /** A token of the local issuer, by default for the tenant `demo`. `overrides` replace claims. */
  token(role: Role, tenant?: string, overrides?: JWTPayload): Promise<string>;
  /** Processes that run now. */
  pids(): Pids;
  /** A signal (by default SIGKILL) to all processes of that name at once. What ends by it is restarted. */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<void>;
  /** Orderly, and it stays stopped until it is started. */
  stopLane(name: ProcessName): Promise<void>;
  /** Resolves when it is ready; waits for a restart that is under way. */
  startLane(name: ProcessName): Promise<void>;
  /** Builds another Worker for one lane and starts it in place of what runs. Rejects when it does not start: then the lane is away. */
  deploy(name: LaneName, entry: string): Promise<void>;
  /** Whatever the Workers ask Postgres gets there so much later; 0: at once. */
  delayDatabase(ms: number): void;
  stop(): Promise<void>;
};

export class PortTakenError extends Error {
  readonly port: number;
  constructor(port: number) {
    super(`Port ${port} is taken`);
    this.port = port;
  }
}

const BUCKET_TOKEN_BYTES = 32;

const LANES: readonly LaneName[] = ["emergency", "standard"];

/** @throws {PortTakenError} before anything is started; with the reason when a part does not start, after stopping the others. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { port, vars = {}, lanes = LANES } = options;
  const stateDir = resolve(options.stateDir);
  const notice = options.notice ?? ((text: string) => void process.stderr.write(`${text}\n`));
  const portOf: Record<LaneName, number> = { emergency: port, standard: port + 1 };
  const lock = await acquireLock(stateDir);
  let database: LocalDatabase | undefined;
  const processes = new Map<LaneName | "carrier", LaneProcess>();

  const pids = (): Pids => {
    const postgres = database?.pid();
    const carrier = processes.get("carrier")?.pids()?.node;
    const standard = processes.get("standard")?.pids();
    const emergency = processes.get("emergency")?.pids();
    return {
      supervisor: process.pid,
      ...(postgres === undefined ? {} : { postgres }),
      ...(carrier === undefined ? {} : { carrier }),
      ...(standard === undefined ? {} : { standard }),
      ...(emergency === undefined ? {} : { emergency }),
    };
  };
  // Postgres notes itself, in the folder of its data.
  const changed = () =>
    lock.note([...processes.values()].flatMap((each) => Object.values(each.pids() ?? {})).filter((pid) => pid > 0));
  const hooks = { notice, changed };
  // The last resort when this process ends without stopping, for example by an exception.
  const killAll = () => {
    for (const each of processes.values()) each.killNow();
    database?.killNow();
  };
  process.once("exit", killAll);

  let stopWatching = () => {};
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      stopWatching();
      await Promise.all([...processes.values()].map((each) => each.stop()));
      await database?.stop();
      process.off("exit", killAll);
      lock.release();
    })();
    return stopping;
  };

  try {
    for (const lane of lanes) if (!(await isFree(portOf[lane]))) throw new PortTakenError(portOf[lane]);
    const secrets = await ensureSecrets(stateDir);
    const building = Promise.all([bundleWorker(stateDir, options.entry), readLaneEnvironments(stateDir)]);
    // Its failure is reported when it is awaited, which may be after that of the database.
    building.catch(() => {});
    if (options.database !== false) {
      database = await startDatabase(stateDir, secrets, hooks);
      await seedDatabase(database.client, secrets);
    }
    const [bundle] = await building;
    const bundles: Record<LaneName, string> = { emergency: bundle, standard: bundle };

    // The same for as long as the system runs: a lane that comes back finds the other ones where they were.
    const carrierPort = await freePort();
    const hasCarrier = options.carrier !== false;
    const variables = laneVariables(secrets, database?.access, hasCarrier ? carrierPort : undefined);
    const gateConfig: LentBucket = {
      bucket: await gateConfigBucket(stateDir),
      port: await freePort(),
      token: randomBytes(BUCKET_TOKEN_BYTES).toString("base64url"),
    };
    for (const lane of lanes) {
      const configure = async () => ({
        lane,
        port: portOf[lane],
        bundle: bundles[lane],
        workerOptions: await laneWorkerOptions(
          stateDir,
          lane,
          { ...variables, ...vars[lane] },
          portOf.standard,
          lanes.includes("emergency") ? gateConfig : undefined,
        ),
        ...(lane === "emergency" ? { lends: gateConfig } : {}),
        persistence: join(stateDir, "lanes", lane),
        logFile: join(stateDir, "logs", `${lane}.jsonl`),
      });
      processes.set(lane, laneProcess(stateDir, lane, configure, hooks, options.cores?.[lane]));
    }
    const callbackTo = `http://127.0.0.1:${portOf[lanes.includes("emergency") ? "emergency" : "standard"]}`;
    if (hasCarrier) processes.set("carrier", carrierProcess(stateDir, carrierOptions(secrets, carrierPort, callbackTo), hooks));
    const startLanes = async () => {
      await Promise.all([...processes.values()].map((each) => each.start()));
      const publisher = processes.get("standard") ?? processes.get("emergency");
      if (publisher === undefined) return;
      if (database === undefined) await putSeedsInForce(secrets, publisher.publish);
      else await putDatabaseInForce(database.client, publisher.publish, notice);
    };
    await startLanes();
    if (options.reload === true) {
      stopWatching = watchSources(notice, async () => {
        await bundleWorker(stateDir, options.entry);
        await Promise.all([...processes.values()].map((each) => each.stop()));
        await startLanes();
      });
    }

    const lane = (name: LaneName | "carrier"): LaneProcess => {
      const found = processes.get(name);
      if (found === undefined) throw new Error(`the system was started without ${name}`);
      return found;
    };
    const server = (): LocalDatabase => {
      if (database === undefined) throw new Error("the system was started without a database");
      return database;
    };
    return {
      gateUrl: `http://127.0.0.1:${portOf.emergency}`,
      standardUrl: `http://127.0.0.1:${portOf.standard}`,
      carrierUrl: carrierUrl(carrierPort),
      apiKeys: secrets.apiKeys,
      webhookSecret: secrets.webhookSecret,
      token: (role, tenant = "demo", overrides = {}) => mintToken(secrets, role, tenant, overrides),
      pids,
      kill: (name, signal = "SIGKILL") => (name === "postgres" ? server().kill(signal) : lane(name).kill(signal)),
      stopLane: (name) => (name === "postgres" ? server().stopServer() : lane(name).stop()),
      startLane: (name) => (name === "postgres" ? server().startServer() : lane(name).start()),
      deploy: async (name, entry) => {
        bundles[name] = await bundleWorker(stateDir, entry, name);
        await lane(name).stop();
        await lane(name).start();
      },
      delayDatabase: (ms) => server().delay(ms),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
