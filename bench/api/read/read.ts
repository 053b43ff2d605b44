/** Reading one session, against the floor and the peer: rounds of all variants, one after another. */
import type { Errors } from "../../load/messages.ts";
import type { Options } from "../../options.ts";
import { rotated } from "../../rotated.ts";
import { type Window, medianRatio, medianWindow, windowOf } from "../../statistics.ts";
import { fixed, table } from "../../table.ts";
import { runRequests } from "../load/load.ts";
import type { Section } from "../section.ts";
import { FLOOR, SYSTEMS, type Stage, type Variant, diagnostics, variants } from "./variants.ts";

const CONNECTIONS = 32;
/** Enough for the engine to have compiled what a request runs through. */
const WARM_UP = 2_000;
const REQUESTS = 8_000;
const QUICK_SHARE = 0.1;
export const MIN_OF_FLOOR = 0.7;

export type Measured = { readonly name: string; readonly what: string; readonly windows: Window[]; readonly errors: Errors };

export type ReadFigures = { readonly rounds: number; readonly bytes: number; readonly measured: readonly Measured[] };

async function measure(stage: Stage, { start }: Variant, share: number): Promise<{ window: Window; errors: Errors }> {
  const { url, requests, cpuMs, stop } = await start(stage);
  const [warmUp, count] = [WARM_UP * share, REQUESTS * share];
  try {
    const beforeMs = cpuMs();
    const job = { url, requests, connections: CONNECTIONS, warmUp, count, perSecond: null };
    const { latenciesMs, seconds, errors, limited } = await runRequests(stage.workspace, job);
    // The warm-up's share is taken off by count: its requests are the same ones.
    const usedMs = ((cpuMs() - beforeMs) * count) / (count + warmUp);
    return { window: windowOf(latenciesMs, seconds, usedMs), errors: limited === 0 ? errors : { ...errors, 429: limited } };
  } finally {
    await stop();
  }
}

/** @param progress told after every window. */
export async function measureReads(
  stage: Stage,
  rounds: number,
  { quick, diagnose }: Pick<Options, "quick" | "diagnose">,
  progress: (text: string) => void,
): Promise<ReadFigures> {
  const all = [...variants(), ...(diagnose ? diagnostics() : [])].map((variant) => ({
    variant,
    windows: [] as Window[],
    errors: {} as Errors,
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { variant, windows, errors } of rotated(all, round)) {
      const measured = await measure(stage, variant, quick ? QUICK_SHARE : 1);
      windows.push(measured.window);
      for (const [status, count] of Object.entries(measured.errors)) errors[status] = (errors[status] ?? 0) + count;
      const { perSecond, p50Ms, cpuMs } = measured.window;
      progress(
        `round ${round + 1}/${rounds}  ${variant.name.padEnd(14)} ${fixed(perSecond, 0).padStart(6)}/s  p50 ${fixed(p50Ms, 1)} ms  ${fixed(cpuMs, 3)} ms CPU`,
      );
    }
  }
  const measured = all.map(({ variant: { name, what }, ...rest }) => ({ name, what, ...rest }));
  return { rounds, bytes: Buffer.byteLength(stage.example), measured };
}

export function readText({ rounds, bytes, measured }: ReadFigures): Section {
  const floor = measured.find(({ name }) => name === FLOOR)!.windows;
  const ratio = (windows: readonly Window[], of: (window: Window) => number) => medianRatio(windows.map(of), floor.map(of));
  const rows = measured.map(({ name, windows, errors }) => {
    const { perSecond, p50Ms, p99Ms, cpuMs } = medianWindow(windows);
    return [
      name,
      fixed(perSecond, 0),
      fixed(p50Ms, 1),
      fixed(p99Ms, 1),
      fixed(
        ratio(windows, (window) => window.perSecond),
        2,
      ),
      fixed(
        ratio(windows, (window) => window.p99Ms),
        2,
      ),
      fixed(cpuMs, 3),
      fixed(
        ratio(windows, (window) => window.cpuMs),
        2,
      ),
      String(Object.values(errors).reduce((sum, count) => sum + count, 0)),
    ];
  });
  const missed = measured.flatMap(({ name, windows, errors }) => {
    const ofFloor = ratio(windows, ({ perSecond }) => perSecond);
    const isSystem = (SYSTEMS as readonly string[]).includes(name);
    return [
      ...(isSystem && !(ofFloor >= MIN_OF_FLOOR) ? [`${name}: ${fixed(ofFloor, 2)} of the floor, not ${MIN_OF_FLOOR}`] : []),
      ...(Object.keys(errors).length > 0 ? [`${name}: errors ${JSON.stringify(errors)}`] : []),
    ];
  });
  const header = ["variant", "req/s", "p50 ms", "p99 ms", "of floor", "p99 of floor", "CPU ms", "CPU of floor", "errors"];
  const text = [
    `Reading one session of ${bytes} bytes`,
    table(header, rows),
    measured.map(({ name, what }) => `  ${name}: ${what}`).join("\n"),
    `Medians of ${rounds} rounds, variants interleaved, a fresh process each, ${CONNECTIONS} connections; ratios are medians of each round's ratio. CPU: of the serving process, per request.`,
  ].join("\n\n");
  return { text, missed };
}
