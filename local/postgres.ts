/**
 * An embedded PostgreSQL: initialised at the first start, listening on the loopback interface alone, stopped with everything else.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  closeSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { until, within } from "./deadline.ts";
import { type PostgresHome, postgresHome } from "./postgres-home.ts";
import { freePort, isFree } from "./ports.ts";
import { commandLine, end, isAlive } from "./processes.ts";

export type PostgresPasswords = { readonly superuser: string; readonly owner: string; readonly app: string };
export type Role = "trunkline_owner" | "trunkline_app";

export type Postgres = {
  readonly port: number;
  readonly pid: number;
  /** Settles when the server ends, expected or not. */
  readonly exited: Promise<void>;
  url(role: Role): string;
  stop(): Promise<void>;
};

export const DATABASE = "trunkline";
const HOST = "127.0.0.1";
const INITDB_DEADLINE_MS = 60_000;
const START_DEADLINE_MS = 30_000;
const SETUP_DEADLINE_MS = 15_000;
const CONNECT_DEADLINE_MS = 2_000;
const START_ATTEMPTS = 5;
const RETRY_PAUSE_MS = 200;
const LOG_LIMIT_BYTES = 8 << 20;
/** Fast shutdown, then immediate, then none at all. */
const SHUTDOWN = [
  ["SIGINT", 10_000],
  ["SIGQUIT", 5_000],
  ["SIGKILL", 5_000],
] as const;

const asUser = (home: PostgresHome) => (home.user === undefined ? {} : { uid: home.user.uid, gid: home.user.gid });

/** Into a folder of its own, renamed at the end: an interrupted initialisation is not taken for a database. */
async function initialise(home: PostgresHome, data: string, password: string): Promise<void> {
  const fresh = `${data}.new`;
  const passwordFile = join(home.base, "password");
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    if (home.user !== undefined) chownSync(passwordFile, home.user.uid, home.user.gid);
    await promisify(execFile)(
      join(home.native, "bin", "initdb"),
      ["-D", fresh, "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--locale=C"],
      { ...asUser(home), cwd: home.base, timeout: INITDB_DEADLINE_MS, env: { PATH: process.env["PATH"] ?? "" } },
    );
    renameSync(fresh, data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** After a SIGKILL of the supervisor the server may still run, or its lock file may name a process that is somebody else's by now. */
async function clearPredecessor(data: string): Promise<void> {
  const lock = join(data, "postmaster.pid");
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, "utf8").split("\n")[0]);
  if (isAlive(pid) && commandLine(pid).includes(data)) await end(pid, SHUTDOWN);
  rmSync(lock, { force: true });
}

function launch(home: PostgresHome, data: string, port: number, logFile: string): ChildProcess {
  const tooLong = statSync(logFile, { throwIfNoEntry: false });
  const log = openSync(logFile, tooLong !== undefined && tooLong.size > LOG_LIMIT_BYTES ? "w" : "a");
  const settings = {
    listen_addresses: HOST,
    port,
    unix_socket_directories: "",
    max_connections: 60,
    shared_buffers: "32MB",
    log_min_messages: "warning",
  };
  const args = ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  // Its own process group: Ctrl-C in a terminal reaches the supervisor alone, which ends things in order.
  const child = spawn(join(home.native, "bin", "postgres"), args, {
    ...asUser(home),
    cwd: home.base,
    detached: true,
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"] ?? "", TZ: "UTC" },
  });
  closeSync(log);
  return child;
}

async function superuser(port: number, password: string, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: HOST,
    port,
    user: "postgres",
    password,
    database,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    query_timeout: SETUP_DEADLINE_MS,
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/**
 * `trunkline_owner` owns the tables and migrates; `trunkline_app` is what the Workers are: no owner, bound by row-level security.
 * `trunkline_lists` owns the view that lists read, and may read nothing else: nobody logs in as it, no policy binds it, and the owner
 * becomes it only to hand the view over.
 */
async function setUpRoles(client: pg.Client, passwords: PostgresPasswords): Promise<void> {
  for (const [role, password] of [
    ["trunkline_owner", passwords.owner],
    ["trunkline_app", passwords.app],
  ] as const) {
    const found = await client.query("select 1 from pg_roles where rolname = $1", [role]);
    if (found.rowCount === 0) await client.query(`create role ${client.escapeIdentifier(role)}`);
    await client.query(
      `alter role ${client.escapeIdentifier(role)} login nosuperuser nocreatedb nocreaterole nobypassrls password ${client.escapeLiteral(password)}`,
    );
  }
  const lists = await client.query("select 1 from pg_roles where rolname = 'trunkline_lists'");
  if (lists.rowCount === 0) await client.query("create role trunkline_lists nologin bypassrls");
  await client.query("grant trunkline_lists to trunkline_owner with inherit false, set true");
  const found = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
  if (found.rowCount === 0) await client.query(`create database ${DATABASE} owner trunkline_owner`);
}

/** Postgres says it is ready by letting the superuser in. */
async function ready(port: number, password: string, hasExited: () => boolean): Promise<pg.Client | undefined> {
  let client: pg.Client | undefined;
  await until(async () => {
    if (hasExited()) return true;
    try {
      client = await superuser(port, password, "postgres");
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "28P01") {
        throw new Error(
          "The database in the state folder has another password than secrets.json: `npm run reset` starts over",
          {
            cause: error,
          },
        );
      }
      return false;
    }
  }, START_DEADLINE_MS);
  return client;
}

/**
 * Starts the server of a state folder.
 * @param wantedPort kept over a restart when it is still free; a free one otherwise.
 * @throws when it does not start in time; the log is in `<stateDir>/logs/postgres.log`.
 */
export async function startPostgres(stateDir: string, passwords: PostgresPasswords, wantedPort?: number): Promise<Postgres> {
  const home = postgresHome(stateDir);
  const data = join(home.base, "data");
  const logFile = join(stateDir, "logs", "postgres.log");
  mkdirSync(join(stateDir, "logs"), { recursive: true });
  await clearPredecessor(data);
  if (!existsSync(data)) await initialise(home, data, passwords.superuser);

  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
    const port = wantedPort !== undefined && (await isFree(wantedPort)) ? wantedPort : await freePort();
    const child = launch(home, data, port, logFile);
    let gone = false;
    const exited = new Promise<void>((resolve) => {
      const settle = () => {
        gone = true;
        resolve();
      };
      child.once("exit", settle);
      child.once("error", settle);
    });
    const stop = async () => {
      if (child.pid !== undefined && !gone) await end(child.pid, SHUTDOWN);
    };
    try {
      const client = await ready(port, passwords.superuser, () => gone);
      if (client === undefined && !gone)
        throw new Error(`PostgreSQL did not start within ${START_DEADLINE_MS / 1000} s; see ${logFile}`);
      // Ended at once: the port was taken in between, or processes of a killed predecessor still hold its memory. Both pass.
      if (client === undefined) {
        await sleep(attempt * RETRY_PAUSE_MS);
        continue;
      }
      try {
        await within(setUpRoles(client, passwords), SETUP_DEADLINE_MS, "setting up the database roles");
      } finally {
        await client.end();
      }
    } catch (error) {
      await stop();
      throw error;
    }
    const password = { trunkline_owner: passwords.owner, trunkline_app: passwords.app };
    return {
      port,
      pid: child.pid!,
      exited,
      stop,
      url: (role) => `postgresql://${role}:${encodeURIComponent(password[role])}@${HOST}:${port}/${DATABASE}`,
    };
  }
  throw new Error(`PostgreSQL ended ${START_ATTEMPTS} times while starting; see ${logFile}`);
}
