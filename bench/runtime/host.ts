/**
 * A process that hosts Workers in one workerd, for one measurement. Like a lane's process it drains what they log into a file, as
 * the local system does, and gives each Worker a socket of workerd's own.
 */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from "miniflare";
import type { SnapshotBucket } from "../../adapters/r2/snapshot-objects.ts";
import type { Manifest } from "../../domain/events/segment.ts";
import { LogFile } from "../../local/log-file.ts";
import { publishConfigurations } from "../../local/publish.ts";
import { fill } from "../replay/fill.ts";
import type { FillSpec } from "../replay/messages.ts";
import type { FromHost, HostConfig, HostedWorker, ToHost } from "./messages.ts";

const HOST = "127.0.0.1";

let runtime: Miniflare | undefined;
let log: LogFile | undefined;

function tell(message: FromHost): void {
  if (process.connected) process.send?.(message);
}

const workerOptions = ({ name, bundle, port, options }: HostedWorker) => ({
  ...options,
  name,
  modulesRoot: dirname(bundle),
  modules: [{ type: "ESModule" as const, path: bundle, contents: readFileSync(bundle, "utf8") }],
  unsafeDirectSockets: [{ host: HOST, port }],
});

function started(): Miniflare {
  if (runtime === undefined) throw new Error("nothing has been started");
  return runtime;
}

async function start(config: HostConfig): Promise<void> {
  log = new LogFile(config.logFile);
  const options: V4MiniflareOptions = {
    cf: false,
    telemetry: { enabled: false },
    resourcePersistencePath: config.persistence,
    handleStructuredLogs: ({ message }) => log?.write(message),
    workers: config.workers.map(workerOptions),
    ...(config.inspectorPort === null ? {} : { inspectorPort: config.inspectorPort }),
  };
  runtime = new Miniflare(convertV4MiniflareOptions(options));
  await runtime.ready;
  for (const { name, configured } of config.workers) {
    if (!configured) continue;
    const bucket = (await runtime.getR2Bucket("CONFIG", name)) as unknown as SnapshotBucket;
    await publishConfigurations(bucket, config.access);
  }
  tell({ type: "ready" });
}

async function keysOf(bucket: R2Bucket): Promise<{ key: string; size: number }[]> {
  const found: { key: string; size: number }[] = [];
  let cursor: string | undefined;
  do {
    const page: R2Objects = await bucket.list(cursor === undefined ? {} : { cursor });
    found.push(...page.objects);
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return found;
}

async function measureEvents(worker: string): Promise<void> {
  const bucket = (await started().getR2Bucket("EVENTS", worker)) as unknown as R2Bucket;
  const keys = await keysOf(bucket);
  const isManifest = (key: string): boolean => key.endsWith(".json");
  let [events, segments, segmentBytes] = [0, 0, 0];
  for (const { key } of keys.filter((each) => isManifest(each.key))) {
    const manifest = await (await bucket.get(key))?.json<Manifest>();
    for (const { count, bytes } of manifest?.segments ?? []) {
      events += count;
      segments += 1;
      segmentBytes += bytes;
    }
  }
  const bytes = keys.reduce((sum, { size }) => sum + size, 0);
  tell({ type: "eventsMeasured", stored: { bytes, segments, segmentBytes, events } });
}

async function fillEvents(worker: string, spec: FillSpec): Promise<void> {
  tell(await fill((await started().getR2Bucket("EVENTS", worker)) as unknown as R2Bucket, spec));
}

async function stop(): Promise<never> {
  log?.flush();
  await runtime?.dispose();
  process.exit(0);
}

function handle(message: ToHost): Promise<void> {
  switch (message.type) {
    case "start":
      return start(message.config);
    case "measureEvents":
      return measureEvents(message.worker);
    case "fillEvents":
      return fillEvents(message.worker, message.spec);
    case "stop":
      return stop();
  }
}

process.on("message", (message: ToHost) => {
  handle(message).catch((error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => void stop());
// Ctrl-C is for the bench, which ends its processes in order.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => void stop());
