/**
 * `npm run prove -- outage | queue | torture | wire | fuzz | tenants | events`: what takes too long for `npm test`, with figures, all but
 * the last each on a system of its own. The exit code is 0 when everything held.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../local/paths.ts";
import type { SystemOptions } from "../../local/system.ts";
import { isClean } from "../../local/verify/verify.ts";
import { type Calls, quantile } from "./calls.ts";
import { proveEvents } from "./events.ts";
import { outage } from "./outage.ts";
import { queueLoss } from "./queue.ts";
import { API_LIMITS, type Stage, type Verified, setStage } from "./stage.ts";
import { proveFuzz, proveTenants, proveWire } from "./api/prove.ts";
import { torture } from "./torture.ts";

const USAGE = `npm run prove -- outage [--rate 50] [--seconds 60]
npm run prove -- queue [--rate 20] [--kills 4]
npm run prove -- torture [--clients 500] [--sessions 50] [--seconds 60]
npm run prove -- wire
npm run prove -- fuzz [--seed 1] [--cases 40]
npm run prove -- tenants [--seed 1] [--probes 1000]
npm run prove -- events [--seeds 1000] [--from 1] [--all]
npm run prove -- events --seed 4711 --trace`;
const DEADLINE_MS = 15 * 60_000;
const MS_PER_S = 1_000;
const MAX_CAUGHT_UP_MS = 60_000;
const MAX_SHOWN = 5;

type Check = { readonly what: string; readonly holds: boolean };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function sayCalls(calls: Calls): void {
  const ms = calls.latenciesMs();
  say(
    `${calls.placed()} calls, ${calls.requests()} requests, ${calls.failures().length} not answered with 2xx; p50 ${quantile(ms, 0.5).toFixed(1)} ms, p99 ${quantile(ms, 0.99).toFixed(1)} ms`,
  );
  for (const failure of calls.failures().slice(0, MAX_SHOWN)) say(`  ${failure}`);
}

function clean(what: string, { outcome, lines, tookMs }: Verified): Check {
  for (const line of lines) say(`  ${line}`);
  say(`  verify took ${(tookMs / MS_PER_S).toFixed(1)} s`);
  return { what, holds: isClean(outcome) };
}

async function proveOutage(stage: Stage, perSecond: number, seconds: number): Promise<Check[]> {
  const { calls, lists, caughtUpMs, verified } = await outage(stage, {
    perSecond,
    outageMs: seconds * MS_PER_S,
    notice: (text) => void process.stderr.write(`${text}\n`),
  });
  sayCalls(calls);
  const good = lists.filter(({ status, partial, asOf }) => status === 200 && partial && asOf);
  say(`${lists.length} lists while Postgres was away: ${good.length} said partial and asOf`);
  say(`caught up ${caughtUpMs === null ? "never" : `${caughtUpMs} ms`} after Postgres was back`);
  return [
    { what: "calls go on", holds: calls.failures().length === 0 },
    { what: "lists say how fresh they are", holds: lists.length > 0 && good.length === lists.length },
    { what: "the projection catches up within a minute", holds: caughtUpMs !== null && caughtUpMs <= MAX_CAUGHT_UP_MS },
    clean("nothing differs", verified),
  ];
}

async function proveQueue(stage: Stage, perSecond: number, kills: number): Promise<Check[]> {
  const { calls, caughtUpMs, afterLoss, rebuilt, afterRebuild } = await queueLoss(stage, { perSecond, kills });
  sayCalls(calls);
  say(`${kills} lanes killed; caught up ${caughtUpMs === null ? "never" : `${caughtUpMs} ms`} after the last call`);
  say(`rebuilt under load: ${rebuilt.events} events of ${rebuilt.hours} hours`);
  return [
    { what: "the projection catches up", holds: caughtUpMs !== null },
    clean("nothing differs after lost messages and kills", afterLoss),
    clean("nothing differs after the tables were made anew", afterRebuild),
  ];
}

async function proveTorture(stage: Stage, clients: number, sessions: number, seconds: number): Promise<Check[]> {
  const outcome = await torture(stage, { clients, sessions, durationMs: seconds * MS_PER_S });
  say(
    `${clients} clients on ${sessions} sessions: ${outcome.received} events received, ${outcome.recorded} recorded, ${outcome.cuts} lines cut, ${outcome.connects} connections, ${outcome.kills} kills`,
  );
  say(`${outcome.viewers} viewers of the feed: ${outcome.resets} resets`);
  for (const fault of outcome.faults.slice(0, MAX_SHOWN)) say(`  ${fault}`);
  for (const fault of outcome.viewerFaults.slice(0, MAX_SHOWN)) say(`  ${fault}`);
  return [
    { what: "each client saw every event once and in order", holds: outcome.faults.length === 0 && outcome.received > 0 },
    { what: "each viewer's picture is the list", holds: outcome.viewerFaults.length === 0 },
    clean("nothing differs", outcome.verified),
  ];
}

type Given = "rate" | "seconds" | "kills" | "clients" | "sessions" | "seed" | "cases" | "probes";
type Numbers = Readonly<Record<Given, number | undefined>>;
type Proof = { readonly options?: Partial<SystemOptions>; readonly run: (stage: Stage, numbers: Numbers) => Promise<Check[]> };

const UNLIMITED: Partial<SystemOptions> = { vars: { standard: { API_LIMITS }, emergency: { API_LIMITS } } };

const PROOFS: Readonly<Record<string, Proof>> = {
  outage: { options: UNLIMITED, run: (stage, { rate = 50, seconds = 60 }) => proveOutage(stage, rate, seconds) },
  queue: {
    options: { ...UNLIMITED, entry: join(ROOT, "test", "proofs", "lossy-worker.ts") },
    run: (stage, { rate = 20, kills = 4 }) => proveQueue(stage, rate, kills),
  },
  wire: { options: UNLIMITED, run: (stage) => proveWire(stage) },
  fuzz: { options: UNLIMITED, run: (stage, { seed = 1, cases = 40 }) => proveFuzz(stage, seed, cases) },
  tenants: { options: UNLIMITED, run: (stage, { seed = 1, probes = 1_000 }) => proveTenants(stage, seed, probes) },
  torture: {
    options: UNLIMITED,
    run: (stage, { clients = 500, sessions = 50, seconds = 60 }) => proveTorture(stage, clients, sessions, seconds),
  },
};

function readArguments(): { readonly proof: Proof; readonly numbers: Numbers } {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    options: { rate: text, seconds: text, kills: text, clients: text, sessions: text, seed: text, cases: text, probes: text },
    allowPositionals: true,
  });
  const proof = PROOFS[positionals[0] ?? ""];
  if (proof === undefined || positionals.length > 1) throw new Error("one proof is to be named");
  const number = (given: string | undefined): number | undefined => {
    if (given !== undefined && !/^\d{1,6}$/.test(given)) throw new Error(`"${given}" is no number`);
    return given === undefined ? undefined : Number(given);
  };
  const { rate, seconds, kills, clients, sessions, seed, cases, probes } = values;
  return {
    proof,
    numbers: {
      rate: number(rate),
      seconds: number(seconds),
      kills: number(kills),
      clients: number(clients),
      sessions: number(sessions),
      seed: number(seed),
      cases: number(cases),
      probes: number(probes),
    },
  };
}

function argumentsOrUsage(): ReturnType<typeof readArguments> {
  try {
    return readArguments();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return process.exit(2);
  }
}

const [name, ...rest] = process.argv.slice(2);
// Needs no system: shards, buckets and time are simulated.
if (name === "events") process.exit((await proveEvents(rest)) ? 0 : 1);
const { proof, numbers } = argumentsOrUsage();
// The last resort: the system's own exit handler ends its processes.
setTimeout(() => {
  process.stderr.write("The proof took too long.\n");
  process.exit(1);
}, DEADLINE_MS).unref();
const stage = await setStage(proof.options);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void stage.end().finally(() => process.exit(1)));
try {
  const checks = await proof.run(stage, numbers);
  for (const { what, holds } of checks) say(`${holds ? "held  " : "FAILED"} ${what}`);
  process.exitCode = checks.every(({ holds }) => holds) ? 0 : 1;
} finally {
  await stage.end();
}
