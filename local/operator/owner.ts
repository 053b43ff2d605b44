/** The projection's tables as their owner reaches them: the Workers' role may not take anything away. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { DEFAULT_STATE_DIR } from "../paths.ts";
import { DATABASE } from "../postgres.ts";
import { postgresHome } from "../postgres-home.ts";
import { readSecrets } from "../secrets.ts";
import { OperatorError } from "./deployment.ts";

const CONNECT_DEADLINE_MS = 5_000;
const STATEMENT_DEADLINE_MS = 60_000;
/** Whoever reads a table is waited for so long; lists wait meanwhile. */
const LOCK_DEADLINE_MS = 5_000;
/** https://www.postgresql.org/docs/18/storage-file-layout.html: the lock file's fourth line is the port. */
const PORT_LINE = 3;

/** Where the local database listens now. @throws {OperatorError} when it does not run. */
export function localOwnerUrl(stateDir: string = DEFAULT_STATE_DIR): string {
  const secrets = readSecrets(stateDir);
  const lock = join(postgresHome(stateDir).base, "data", "postmaster.pid");
  if (secrets === undefined || !existsSync(lock))
    throw new OperatorError("The local database does not run: run `npm start` first.");
  const port = readFileSync(lock, "utf8").split("\n")[PORT_LINE];
  return `postgresql://trunkline_owner:${encodeURIComponent(secrets.postgres.owner)}@127.0.0.1:${port}/${DATABASE}`;
}

/** Empties the tables of sessions and their events. @throws {OperatorError} when Postgres does not let it. */
export async function emptyProjection(ownerUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    statement_timeout: STATEMENT_DEADLINE_MS,
    lock_timeout: LOCK_DEADLINE_MS,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("truncate session_events, sessions");
  } catch (error) {
    throw new OperatorError(`The tables cannot be emptied: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await client.end().catch(() => {});
  }
}
