/** What an isolate counts beside its objects, whoever runs in it: requests hand it over, and so does what happens behind an object's work. */
import { type Meter, createMeter } from "../../adapters/telemetry/meter.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import { addMetrics } from "./hand-over.ts";

const meters = new WeakMap<Env, Meter>();

/** The one of this isolate. */
export function isolateMeter(env: Env): Meter {
  const meter = meters.get(env) ?? createMeter({ lane: parseEnvironment(env).LANE });
  meters.set(env, meter);
  return meter;
}

/** Hands over what was counted, when it is time. Never rejects: what does not arrive is lost. */
export async function shipIsolateMetrics(env: Env, nowMs: number): Promise<void> {
  await addMetrics(env.METRICS, parseEnvironment(env).JURISDICTION, isolateMeter(env).take(nowMs));
}
