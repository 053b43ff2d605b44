/** A place with an object and isolates that exchange what they found out by it, as fast as the test has them. */
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import { NOTHING_SHARED, type Report, type Shared, isOfUse, share, toldOf } from "../../../domain/resilience/sharing.ts";
import { policyOfTarget } from "../../../domain/resilience/targets.ts";
import type { Answer, Breakers } from "../../../durable-objects/breakers/breakers.ts";
import { createBreakers } from "../../../durable-objects/breakers/create-breakers.ts";

export type Place = ReturnType<typeof place>;

export function place() {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms };
  const shared = new Map<string, Shared>();
  const exchanged: { readonly name: string; readonly reports: readonly Report[] }[] = [];
  const world = { isAway: false, hangs: false };
  const work: Promise<unknown>[] = [];

  async function exchange(name: string, reports: readonly Report[]): Promise<Answer> {
    if (world.hangs) return new Promise(() => {});
    if (world.isAway) throw new Error("the object is away");
    exchanged.push({ name, reports });
    for (const report of reports)
      shared.set(
        report.target,
        share(shared.get(report.target) ?? NOTHING_SHARED, report, policyOfTarget(report.target)!, {
          nowMs: clock.ms,
          fraction: 0,
        }),
      );
    return [...shared].flatMap(([target, { news }]) =>
      news !== null && isOfUse(news, clock.ms) ? [{ target, ...toldOf(news, clock.ms) }] : [],
    );
  }

  const getByName = (name: string) => ({ exchange: (reports: readonly Report[]) => exchange(name, reports) });
  const logged: { readonly message: string; readonly fields: Record<string, unknown> }[] = [];
  const meter = createMeter({});
  return {
    clock,
    world,
    exchanged,
    logged,
    counts: () => meter.take(0, true)?.counters ?? {},
    /** Until what goes on behind answers is over. */
    settled: async () => void (await Promise.all(work.splice(0))),
    isolate: () =>
      createBreakers({
        objects: { getByName } as unknown as DurableObjectNamespace<Breakers>,
        jurisdiction: "",
        clock,
        randomness: { bytes: (count) => new Uint8Array(count), fraction: () => 0 },
        log: (_, message, fields = {}) => void logged.push({ message, fields }),
        meter,
        defer: (one) => void work.push(one),
      }),
  };
}
