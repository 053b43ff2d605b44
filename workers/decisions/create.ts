/** Routing that asks decision services, for one isolate. */
import type { Guard } from "../../adapters/platform/guard.ts";
import type { Clock, Randomness } from "../../adapters/platform/clock.ts";
import type { SnapshotCache } from "../../adapters/r2/snapshot-cache.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import type { Environment } from "../../contracts/environment.ts";
import { outsideUrlProblem } from "../../domain/shared/public-address.ts";
import { createAsk } from "./ask.ts";
import { createAskingRouter } from "./route.ts";

type RoutingPorts = {
  readonly snapshots: SnapshotCache;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly meter: Meter;
  /** A system on somebody's own machine may ask services on that machine, and by plain HTTP. */
  readonly isDevelopment: boolean;
};

export function createRouting({ CONFIG_KEY, LANE }: Environment, ports: RoutingPorts): ReturnType<typeof createAskingRouter> {
  const { snapshots, guard, clock, randomness, meter, isDevelopment } = ports;
  const ask = createAsk({
    guard,
    clock,
    randomness,
    configKey: CONFIG_KEY,
    fetcher: (request) => fetch(request),
    mayAsk: (url) => outsideUrlProblem(url, isDevelopment) === null,
  });
  return createAskingRouter({ snapshots, ask, lane: LANE, clock, meter });
}
