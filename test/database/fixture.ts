/** A PostgreSQL of its own for a test file: fresh, with the roles, behind the Neon proxy. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startNeonProxy } from "../../local/neon-proxy.ts";
import { startPostgres } from "../../local/postgres.ts";
import { removeState } from "../../local/state.ts";

export type TestDatabase = {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly superuserUrl: string;
  readonly endpoint: string;
  readonly proxyPort: number;
  /** Ends the server as a crash does; the proxy stays. */
  kill(): Promise<void>;
  /** Starts it again after that, with what it had. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export async function startTestDatabase(): Promise<TestDatabase> {
  const stateDir = mkdtempSync(join(tmpdir(), "trunkline-database-"));
  const passwords = { superuser: "super 'secret'", owner: "o/w:n@er", app: "a%p#p" };
  let postgres = await startPostgres(stateDir, passwords);
  const proxy = await startNeonProxy(() => postgres.port);
  return {
    ownerUrl: postgres.url("trunkline_owner"),
    appUrl: postgres.url("trunkline_app"),
    superuserUrl: `postgresql://postgres:${encodeURIComponent("super 'secret'")}@127.0.0.1:${postgres.port}/trunkline`,
    endpoint: proxy.endpoint,
    proxyPort: proxy.port,
    kill: async () => {
      process.kill(postgres.pid, "SIGKILL");
      await postgres.exited;
    },
    restart: async () => {
      postgres = await startPostgres(stateDir, passwords, postgres.port);
    },
    stop: async () => {
      await proxy.stop();
      await postgres.stop();
      removeState(stateDir);
    },
  };
}

/** One connection for a few statements. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // A test may take the server away.
  client.on("error", () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
