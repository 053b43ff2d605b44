/** The floor: the same rows by COPY into a table without keys, checks or policies, in a PostgreSQL of the same build. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { startPostgres } from "../../local/postgres.ts";
import type { Secrets } from "../../local/secrets.ts";
import { onEnd } from "../cleanup.ts";

/** The server, which may be another user, reads the files. */
const OTHERS_MAY_READ = 0o644;
const OTHERS_MAY_TRAVERSE = 0o755;

export type Floor = (lines: Iterable<string>, columns: number) => Promise<number>;

/** @returns the seconds that COPY takes for rows of so many columns. */
export async function startFloor(folder: string, passwords: Secrets["postgres"]): Promise<Floor> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, OTHERS_MAY_TRAVERSE);
  const postgres = await startPostgres(folder, passwords);
  onEnd(postgres.stop, () => process.kill(postgres.pid, "SIGQUIT"));
  const url = `postgresql://postgres:${encodeURIComponent(passwords.superuser)}@127.0.0.1:${postgres.port}/trunkline`;
  return async (lines, columns) => {
    const file = join(folder, "rows.csv");
    writeFileSync(file, [...lines].join(""));
    chmodSync(file, OTHERS_MAY_READ);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const names = Array.from({ length: columns }, (_, column) => `c${column} text`);
      await client.query(`create table bare (${names.join(", ")})`);
      const startedMs = performance.now();
      await client.query(`copy bare from ${client.escapeLiteral(file)} with (format csv, header)`);
      const seconds = (performance.now() - startedMs) / 1_000;
      await client.query("drop table bare");
      return seconds;
    } finally {
      await client.end();
    }
  };
}
