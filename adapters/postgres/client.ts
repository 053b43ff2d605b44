/** The Workers' way to Postgres: Neon's driver over HTTP. It knows single statements and atomic batches, no open transactions. */
import { neon, neonConfig } from "@neondatabase/serverless";
import { type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import type { Target } from "../../domain/resilience/targets.ts";
import * as schema from "../../schema/index.ts";
import { orThrow } from "../platform/ask.ts";
import { type AskedInVain, type Guard, type Judgement, deadlineOnly } from "../platform/guard.ts";
import { asFailure, isAway } from "./unavailable.ts";

/**
 * How long a batch may take: the whole of it as seen from here, and each statement, where Postgres itself gives up. And how many of them an
 * isolate has under way: a database that hangs holds no more requests than that, until its breaker opens.
 */
const PATIENCE = {
  ordinary: { requestMs: 8_000, statementMs: 6_000, maxAtOnce: 256 },
  /**
   * Uploads of hundreds of thousands of rows: four times what 400,000 take on a small machine. Their sender waits two minutes (the gate's
   * deadline for configuration), in which the rows have to come too.
   */
  long: { requestMs: 90_000, statementMs: 75_000, maxAtOnce: 16 },
} as const;
export type Patience = keyof typeof PATIENCE;

type Orm = NeonHttpDatabase<typeof schema>;

export type Database = {
  readonly orm: Orm;
  /** The same, for batches that may take long. */
  readonly patient: Orm;
  /** Whether Postgres answers a trivial query in time. Never rejects. */
  ping(deadlineMs: number): Promise<boolean>;
  readonly guard: Guard;
};

const POSTGRES: Target = { kind: "database", name: "postgres" };

/** Postgres that refuses is there, whatever it refuses. */
const judge = (failure: AskedInVain): Judgement =>
  failure.tag === "failed" && !isAway(failure.cause) ? "answered" : "failure";

/**
 * A client; nothing is connected before the first query, so one per isolate is enough.
 * @param databaseUrl `postgresql://role:password@host/database`
 * @param localEndpoint where queries go instead of Neon's host: the proxy of the local system. Absent in production.
 * @param guard what batches go through; tools have deadlines alone.
 */
export function connect(databaseUrl: string, localEndpoint?: string, guard: Guard = deadlineOnly): Database {
  if (localEndpoint !== undefined) neonConfig.fetchEndpoint = () => localEndpoint;
  const client = neon(databaseUrl);
  // Read anew for every request, so that each has its own deadline.
  const within = (deadlineMs: number) => ({
    get signal() {
      return AbortSignal.timeout(deadlineMs);
    },
  });
  const ormWithin = (ms: number): Orm => drizzle(neon(databaseUrl, { fetchOptions: within(ms) }), { schema });
  return {
    orm: ormWithin(PATIENCE.ordinary.requestMs),
    patient: ormWithin(PATIENCE.long.requestMs),
    guard,
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

type Owners = { readonly tenant: string; readonly tenants: readonly string[] };

/** For this transaction alone (`true`), which a batch is. Tenants are slugs: no comma is in them. */
const settingsOf = ({ tenant, tenants }: Owners, statementMs: number): SQL =>
  sql`select set_config('trunkline.tenant', ${tenant}, true), set_config('trunkline.tenants', ${tenants.join(",")}, true),
    set_config('statement_timeout', ${String(statementMs)}, true)`;

async function run<const Queries extends Batch>(
  database: Database,
  owners: Owners,
  queries: Queries,
  patience: Patience,
): Promise<Outcomes<Queries>> {
  const orm = patience === "long" ? database.patient : database.orm;
  const { requestMs: deadlineMs, statementMs, maxAtOnce } = PATIENCE[patience];
  const settings = orm.execute(settingsOf(owners, statementMs));
  const limits = { deadlineMs, maxAtOnce, pool: patience, judge };
  try {
    const [, ...outcomes] = orThrow(await database.guard(POSTGRES, limits, async () => orm.batch([settings, ...queries])));
    return outcomes as unknown as Outcomes<Queries>;
  } catch (error) {
    throw asFailure(error);
  }
}

/**
 * Runs queries in one transaction that sees and writes one tenant's rows only.
 * @returns the queries' outcomes; all or none of them took place.
 * @throws DatabaseUnavailable when Postgres does not answer in time.
 * @throws NeonDbError when Postgres refuses, e.g. code 42501 for a row of another tenant.
 */
export function asTenant<const Queries extends Batch>(
  database: Database,
  tenant: string,
  queries: Queries,
  patience: Patience = "ordinary",
): Promise<Outcomes<Queries>> {
  return run(database, { tenant, tenants: [tenant] }, queries, patience);
}

/**
 * As `asTenant`, for several tenants at once, or none. Only tables that are filled for several tenants by one batch show it any rows:
 * sessions and their events.
 */
export function asTenants<const Queries extends Batch>(
  database: Database,
  tenants: readonly string[],
  queries: Queries,
  patience: Patience = "ordinary",
): Promise<Outcomes<Queries>> {
  return run(database, { tenant: "", tenants }, queries, patience);
}
