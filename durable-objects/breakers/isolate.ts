/** Breakers and guard of this isolate: the Worker's requests and the objects that run beside them know the same. */
import { waitUntil } from "cloudflare:workers";
import { systemClock, systemRandomness } from "../../adapters/platform/clock.ts";
import { type Guard, createGuard } from "../../adapters/platform/guard.ts";
import { createLog } from "../../adapters/telemetry/log.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import { isolateMeter, shipIsolateMetrics } from "../metrics/isolate-meter.ts";
import { type IsolateBreakers, createBreakers } from "./create-breakers.ts";

export type Resilience = { readonly breakers: IsolateBreakers; readonly guard: Guard };

const built = new WeakMap<Env, Resilience>();

function create(env: Env): Resilience {
  const { LANE, REGION, JURISDICTION } = parseEnvironment(env);
  const clock = systemClock;
  const meter = isolateMeter(env);
  const breakers = createBreakers({
    objects: env.BREAKERS,
    jurisdiction: JURISDICTION,
    clock,
    randomness: systemRandomness,
    log: createLog({ component: "breakers", lane: LANE, region: REGION }),
    meter,
    defer: (work) => waitUntil(work.then(() => shipIsolateMetrics(env, clock.nowMs()))),
  });
  return { breakers, guard: createGuard({ breakers, clock, meter }) };
}

export function resilienceOf(env: Env): Resilience {
  const known = built.get(env) ?? create(env);
  built.set(env, known);
  return known;
}
