/** The Workers' way to Postgres: Neon's driver over HTTP. It knows single statements and atomic batches, no open transactions. */
import { neon, neonConfig } from "@neondatabase/serverless";
import { type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import * as schema from "../../schema/index.ts";

export type Database = {
  readonly orm: NeonHttpDatabase<typeof schema>;
  /** Whether Postgres answers a trivial query in time. Never rejects. */
  ping(deadlineMs: number): Promise<boolean>;
};

/**
 * A client; nothing is connected before the first query, so one per isolate is enough.
 * @param databaseUrl `postgresql://role:password@host/database`
 * @param localEndpoint where queries go instead of Neon's host: the proxy of the local system. Absent in production.
 */
export function connect(databaseUrl: string, localEndpoint?: string): Database {
  if (localEndpoint !== undefined) neonConfig.fetchEndpoint = () => localEndpoint;
  const client = neon(databaseUrl);
  return {
    orm: drizzle(client, { schema }),
    ping: async (deadlineMs) => {
      try {
        await client.query("select 1", [], { fetchOptions: { signal: AbortSignal.timeout(deadlineMs) } });
        return true;
      } catch {
        return false;
      }
    },
  };
}

type Batch = readonly [BatchItem<"pg">, ...BatchItem<"pg">[]];

/** The outcome of each query of a batch, in order. */
export type Outcomes<Queries extends Batch> = { [Index in keyof Queries]: Awaited<Queries[Index]> };

/** For this transaction alone (`true`), which a batch is. */
const setTenant = (tenant: string): SQL => sql`select set_config('trunkline.tenant', ${tenant}, true)`;

/**
 * Runs queries in one transaction that sees and writes one tenant's rows only.
 * @returns the queries' outcomes; all or none of them took place.
 * @throws NeonDbError when Postgres refuses, e.g. code 42501 for a row of another tenant.
 */
export async function asTenant<const Queries extends Batch>(
  database: Database,
  tenant: string,
  queries: Queries,
): Promise<Outcomes<Queries>> {
  const [, ...outcomes] = await database.orm.batch([database.orm.execute(setTenant(tenant)), ...queries]);
  return outcomes as unknown as Outcomes<Queries>;
}
