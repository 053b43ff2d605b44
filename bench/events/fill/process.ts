/** A process that fills the bucket of a Worker that does not run yet: some threads make the objects, this one stores them. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { updateCalendar } from "../../../adapters/r2/events/calendar.ts";
import { withDay, yearOf } from "../../../domain/events/index/calendar.ts";
import { DEMO_TENANT } from "../../../local/secrets.ts";
import { makeFilters } from "./filters.ts";
import type { FillJob, Filled, FromFill, MadeDay, MakeDay, Samples, ToFill } from "./messages.ts";
import { DAYS, type FillSpec, TENANTS } from "./plan.ts";

const MAX_MAKERS = 4;

function tell(message: FromFill): void {
  if (process.connected) process.send?.(message);
}

/** One day after another on as many threads as there are processors. */
async function* madeDays(spec: FillSpec): AsyncGenerator<MadeDay> {
  const jobs: MakeDay[] = TENANTS.flatMap((tenant) => Array.from({ length: DAYS }, (_, day) => ({ tenant, day, spec })));
  const makers = Array.from(
    { length: Math.min(MAX_MAKERS, availableParallelism()) },
    () => new Worker(join(import.meta.dirname, "maker.ts")),
  );
  const ask = (maker: Worker, job: MakeDay): Promise<{ maker: Worker; made: MadeDay }> =>
    new Promise((resolve, reject) => {
      maker.once("error", reject);
      maker.once("message", (made: MadeDay) => {
        maker.off("error", reject);
        resolve({ maker, made });
      });
      maker.postMessage(job, []);
    });
  const running = new Map<Worker, Promise<{ maker: Worker; made: MadeDay }>>();
  const next = (maker: Worker): void => {
    const job = jobs.shift();
    running.delete(maker);
    if (job !== undefined) running.set(maker, ask(maker, job));
  };
  try {
    for (const maker of makers) next(maker);
    while (running.size > 0) {
      const { maker, made } = await Promise.race(running.values());
      next(maker);
      yield made;
    }
  } finally {
    await Promise.all(makers.map((maker) => maker.terminate()));
  }
}

async function fill({ spec, persistence, bucket: id }: FillJob): Promise<Filled> {
  const startedMs = performance.now();
  const options = {
    modules: true,
    script: "export default {};",
    resourcePersistencePath: persistence,
    telemetry: { enabled: false },
    cf: false as const,
    r2Buckets: { EVENTS: { id } },
  };
  const runtime = new Miniflare(convertV4MiniflareOptions(options as Parameters<typeof convertV4MiniflareOptions>[0]));
  try {
    const bucket = (await runtime.getR2Bucket("EVENTS")) as unknown as R2Bucket;
    const [ids, callIds, dayOfCall]: [string[], string[], Record<string, number>] = [[], [], {}];
    let [events, objects, bytes] = [0, 0, 0];
    const days = new Set<string>();
    for await (const made of madeDays(spec)) {
      for (const object of made.objects) {
        await bucket.put(object.key, object.bytes);
        objects += 1;
        bytes += object.bytes.length;
      }
      events += made.events;
      days.add(made.day);
      const calendar = await updateCalendar(bucket, made.tenant, yearOf(made.day), (current) =>
        withDay(current, made.day, made.occurs),
      );
      if (!calendar.ok) throw new Error(`the calendar of ${made.tenant} is ${calendar.error}`);
      if (made.tenant !== DEMO_TENANT) continue;
      ids.push(...made.samples.ids);
      callIds.push(...made.samples.callIds);
      Object.assign(dayOfCall, made.samples.dayOfCall);
    }
    await makeFilters(bucket, [...days].sort(), TENANTS);
    const samples: Samples = { ids, callIds, dayOfCall };
    return { type: "filled", seconds: (performance.now() - startedMs) / 1_000, events, objects, bytes, samples };
  } finally {
    await runtime.dispose();
  }
}

process.on("message", (job: ToFill) => {
  fill(job).then(tell, (error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
