/**
 * Proof by counting that a call on a warm path asks neither Postgres nor R2 before it is answered, and Postgres never.
 *
 * Whether an answer waited for an operation that was begun before it is told by holding every answer of R2 back: a call that had
 * to wait for one takes longer than that.
 *
 * Counted twice: inside, by wrapping what the platform hands to the real Worker, split by the place that caused an operation; and
 * outside, by an endpoint that stands where the database would be. A `GET /readyz`, which does ask both, shows that the counters
 * count.
 */
import { createServer } from "node:http";
import { COUNTING_FLAGS, countingBundle, holdR2, readCounters, sumOf } from "../counting/counted.ts";
import type { Counts, Tally } from "../counting/tally.ts";
import { CALL, authenticated, hostedLane, urlOf } from "../lanes.ts";
import { createClient } from "../load/client.ts";
import { runBurst } from "../load/load.ts";
import { onEnd } from "../cleanup.ts";
import { startRuntime } from "../runtime/runtime.ts";
import type { Workspace } from "../workspace.ts";

const CALLS = 1_000;
const CONNECTIONS = 8;
const SET_UP = "POST /v1/calls";
/** Longer than any call takes, shorter than the time after which the Worker gives R2 up. */
const HOLD_MS = 1_500;
/** Beyond the age at which the log flushes, so that the operations behind the answers are counted too. */
const SETTLE_MS = 8_000;

export type Proof = {
  readonly calls: number;
  /** Begun while a call was under way: the tenant's table is looked for again every few seconds, behind an answer. */
  readonly r2Begun: number;
  /** How long every answer of R2 was held back, and the slowest call meanwhile. */
  readonly holdMs: number;
  readonly slowestMs: number;
  readonly fetchesBefore: number;
  /** Requests that reached the database's endpoint at any time, before or after the answers, and how many the projection began. */
  readonly queries: number;
  readonly projectionQueries: number;
  /** The counters' own check: what one `GET /readyz` was counted as. */
  readonly control: { readonly r2: number; readonly queries: number };
  readonly byPlace: Tally;
};

/** An endpoint that counts what would be queries, and answers none. */
async function countingDatabase(port: number): Promise<{ queries: () => number; stop: () => Promise<void> }> {
  let queries = 0;
  const server = createServer((_, response) => {
    queries += 1;
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { queries: () => queries, stop: onEnd(close, close) };
}

/** A session's object answers its Worker only after these, so what they do before their own answer is before the caller's. */
const beforeAnswer = (place: string): boolean =>
  place === `${SET_UP}, before the answer` || place === "CallSession.open, before the answer";

/** A flush wakes the projection, which asks Postgres: nobody's call waits for it. */
const isProjection = (place: string): boolean => place.startsWith("queue ");

const external = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([name]) => name.startsWith("R2") || name === "outgoing fetch"));

export async function proveByCounting(workspace: Workspace): Promise<Proof> {
  const databasePort = await workspace.port();
  const counter = await countingDatabase(databasePort);
  const bundle = await countingBundle(workspace);
  const vars = { DATABASE_LOCAL_ENDPOINT: `http://127.0.0.1:${databasePort}/sql` };
  const worker = await hostedLane(workspace, { lane: "standard", bundle, vars, compatibilityFlags: COUNTING_FLAGS });
  const runtime = await startRuntime(workspace, [worker]);
  const url = urlOf(worker);
  try {
    const client = createClient(authenticated(workspace, worker), 1);
    // Warm: the tenant's table is in the isolate's memory after one call.
    for (let index = 0; index < CONNECTIONS; index++) await client.send("POST", "/v1/calls", CALL);
    await readCounters(url);
    await client.send("GET", "/readyz");
    const { tally: readiness } = await readCounters(url);
    const control = { r2: sumOf(readiness, "R2"), queries: counter.queries() };
    client.close();

    await holdR2(url, HOLD_MS);
    const outsideBefore = counter.queries();
    const job = {
      target: authenticated(workspace, worker, "/v1/calls"),
      body: CALL,
      connections: CONNECTIONS,
      warmUp: 0,
      count: CALLS,
    };
    const { latenciesMs } = await runBurst(workspace, job);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { tally } = await readCounters(url);
    const answered = tally[`${SET_UP}, before the answer`]?.["Worker request"] ?? 0;
    if (latenciesMs.length !== CALLS || answered !== CALLS)
      throw new Error(`${latenciesMs.length} of ${CALLS} calls were set up`);
    const byPlace = Object.fromEntries(Object.entries(tally).map(([place, counts]) => [place, external(counts)]));
    return {
      calls: CALLS,
      r2Begun: sumOf(tally, "R2", beforeAnswer),
      holdMs: HOLD_MS,
      slowestMs: Math.max(...latenciesMs),
      fetchesBefore: sumOf(tally, "outgoing fetch", beforeAnswer),
      queries: counter.queries() - outsideBefore,
      projectionQueries: sumOf(tally, "outgoing fetch", isProjection),
      control,
      byPlace,
    };
  } finally {
    await runtime.stop();
    await counter.stop();
  }
}
