/** A process of `bench -- routing`: compiles, or measures one variant. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { routingKey } from "../../domain/numbers/address.ts";
import { classOf } from "../../domain/numbers/number-class.ts";
import { type CompiledRouter, openRouter } from "../../domain/routing/compiled/open.ts";
import { decide } from "../../domain/routing/decide.ts";
import type { SnapshotCore } from "../../domain/routing/snapshot.ts";
import { percentile } from "../statistics.ts";
import type { TimedCall } from "./calls.ts";
import { type Stored, build, readCalls, readCompiled, readPrefixes } from "./files.ts";
import type { FromProcess, Measure, Measured, ToProcess } from "./messages.ts";

const WARM_UP_PASSES = 4;
const PASSES = 5;
/** Calls that are made before the clock starts. */
const BATCH = 32;
const US_PER_MS = 1_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function memoryBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A call that was read from a request a moment ago, as those that a Worker decides. */
const fresh = ({ call, atMs }: TimedCall): TimedCall => ({
  call: { ...call, from: { ...call.from }, to: { ...call.to }, metadata: { ...call.metadata } },
  atMs,
});

/** Runs the work over all calls some times. @returns calls per second of the median pass, and the times of one more, each call by itself. */
function timePasses(
  calls: readonly TimedCall[],
  work: (call: TimedCall) => void,
): Pick<Measured, "perSecond" | "p50Us" | "p99Us"> {
  const pass = (): number => {
    let spentMs = 0;
    for (let at = 0; at < calls.length; at += BATCH) {
      const batch = calls.slice(at, at + BATCH).map(fresh);
      const startedMs = performance.now();
      for (const call of batch) work(call);
      spentMs += performance.now() - startedMs;
    }
    return spentMs;
  };
  for (let warmUp = 0; warmUp < WARM_UP_PASSES; warmUp++) pass();
  const passesMs = Array.from({ length: PASSES }, pass).sort((a, b) => a - b);
  const latenciesMs = new Float64Array(calls.length);
  for (const [at, call] of calls.entries()) {
    const own = fresh(call);
    const startedMs = performance.now();
    work(own);
    latenciesMs[at] = performance.now() - startedMs;
  }
  const sorted = [...latenciesMs.sort()];
  return {
    perSecond: (calls.length / passesMs[Math.floor(PASSES / 2)]!) * 1_000,
    p50Us: percentile(sorted, 0.5) * US_PER_MS,
    p99Us: percentile(sorted, 0.99) * US_PER_MS,
  };
}

function load({ core, chunks }: Stored): CompiledRouter {
  const router = openRouter(JSON.parse(core) as SnapshotCore);
  for (const [name, bytes] of chunks) {
    const supplied = router.supply(name, bytes);
    if (!supplied.ok) throw new Error(`${name}: ${supplied.error}`);
  }
  return router;
}

function decideAll(router: CompiledRouter, calls: readonly TimedCall[]): Record<string, number> {
  const decidedBy: Record<string, number> = {};
  for (const { call, atMs } of calls) {
    const decision = decide(router, call, atMs);
    if (decision.tag !== "decided") throw new Error(`${decision.tag}: the configuration is not all there`);
    decidedBy[decision.plan.decidedBy] = (decidedBy[decision.plan.decidedBy] ?? 0) + 1;
  }
  return decidedBy;
}

function measureSystem({ folder, traffic }: Measure): Measured {
  const calls = readCalls(folder, traffic);
  // The numbering plans of the world are decoded when they are first asked; they belong to no configuration.
  for (const { call } of calls) for (const address of [call.from, call.to]) if (address.kind === "e164") classOf(address.e164);
  const before = memoryBytes();
  const stored = readCompiled(folder);
  const startedMs = performance.now();
  const router = load(stored);
  const loadMs = performance.now() - startedMs;
  const decidedBy = decideAll(router, calls);
  const times = timePasses(calls, ({ call, atMs }) => void decide(router, call, atMs));
  const heldBytes = memoryBytes() - before;
  const next = load(readCompiled(folder));
  decideAll(next, calls);
  const replacingBytes = memoryBytes() - before;
  // Both versions have to be alive up to here.
  if (router.version !== next.version) throw new Error("two versions");
  return { type: "measured", loadMs, ...times, heldBytes, replacingBytes, decidedBy };
}

/** The least that anybody could do: the longest prefix in a map, without any conditions, without a plan. */
function measureFloor({ folder, traffic }: Measure): Measured {
  const calls = readCalls(folder, traffic);
  const before = memoryBytes();
  const startedMs = performance.now();
  const prefixes = new Map(readPrefixes(folder).map((prefix, at) => [prefix, at]));
  const loadMs = performance.now() - startedMs;
  let longest = 0;
  for (const { length } of prefixes.keys()) longest = Math.max(longest, length);
  let found = 0;
  const times = timePasses(calls, ({ call }) => {
    const key = routingKey(call.to);
    for (let length = Math.min(longest, key.length); length > 0; length--) {
      if (prefixes.get(key.slice(0, length)) === undefined) continue;
      found++;
      return;
    }
  });
  if (found === 0) throw new Error("no prefix was found");
  const heldBytes = memoryBytes() - before;
  return { type: "measured", loadMs, ...times, heldBytes, replacingBytes: Number.NaN, decidedBy: {} };
}

function answer(message: ToProcess): FromProcess {
  if (message.type === "build") return build(message.size, message.folder);
  return message.what === "floor" ? measureFloor(message) : measureSystem(message);
}

process.on("message", (message: ToProcess) => {
  let reply: FromProcess;
  try {
    reply = answer(message);
  } catch (error) {
    reply = { type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(reply);
});
