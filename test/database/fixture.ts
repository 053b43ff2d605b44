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
  stop(): Promise<void>;
};

export async function startTestDatabase(): Promise<TestDatabase> {
  const stateDir = mkdtempSync(join(tmpdir(), "trunkline-database-"));
  const postgres = await startPostgres(stateDir, { superuser: "super 'secret'", owner: "o/w:n@er", app: "a%p#p" });
  const proxy = await startNeonProxy(() => postgres.port);
  return {
    ownerUrl: postgres.url("trunkline_owner"),
    appUrl: postgres.url("trunkline_app"),
    superuserUrl: `postgresql://postgres:${encodeURIComponent("super 'secret'")}@127.0.0.1:${postgres.port}/trunkline`,
    endpoint: proxy.endpoint,
    proxyPort: proxy.port,
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
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
