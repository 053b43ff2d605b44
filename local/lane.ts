/**
 * The process of one lane: Miniflare and its workerd, told by the supervisor what to do. It ends when the supervisor does.
 *
 * The Worker's socket is workerd's own (`unsafeDirectSockets`): Miniflare's entry Worker in front of it takes half of
 * the requests per second, and more.
 */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from "miniflare";
import type { SnapshotBucket } from "../adapters/r2/snapshot-objects.ts";
import type { FromLane, LaneConfig, ToLane } from "./lane-messages.ts";
import { lendingWorker } from "./lent-bucket.ts";
import { LogFile } from "./log-file.ts";
import { publishAll } from "./publish.ts";

const HOST = "127.0.0.1";
/** As wrangler.toml has it, for both lanes. */
const CRON = "* * * * *";
const CRON_MS = 60_000;

let runtime: Miniflare | undefined;
let worker = "";
let log: LogFile | undefined;

function tell(message: FromLane): void {
  if (process.connected) process.send?.(message);
}

/** The Worker logs JSON objects; anything else, such as an exception that workerd reports, is wrapped into one. */
function logLine({ timestamp, level, message }: { timestamp: number; level: string; message: string }): void {
  const isObject = message.startsWith("{") && message.endsWith("}") && !message.includes("\n");
  log?.write(isObject ? message : JSON.stringify({ time: new Date(timestamp).toISOString(), level, message }));
}

async function start(config: LaneConfig): Promise<void> {
  log = new LogFile(config.logFile);
  worker = `trunkline-${config.lane}`;
  const options: V4MiniflareOptions = {
    cf: false,
    telemetry: { enabled: false },
    resourcePersistencePath: config.persistence,
    handleStructuredLogs: logLine,
    unsafeHandleRuntimeRestart: () => tell({ type: "runtimeRestarted" }),
    workers: [
      {
        ...config.workerOptions,
        name: worker,
        modulesRoot: dirname(config.bundle),
        modules: [{ type: "ESModule", path: config.bundle, contents: readFileSync(config.bundle, "utf8") }],
        unsafeDirectSockets: [{ host: HOST, port: config.port }],
      },
      ...(config.lends === undefined ? [] : [lendingWorker(config.lends)]),
    ],
  };
  runtime = new Miniflare(convertV4MiniflareOptions(options));
  await runtime.ready;
  tell({ type: "ready" });
  setInterval(() => void runCron(), CRON_MS).unref();
}

/** Nothing fires a cron here but this. A run that fails is in the Worker's log; the next one does what is left. */
async function runCron(): Promise<void> {
  try {
    const fetcher = await runtime?.getWorker(worker);
    await fetcher?.scheduled({ cron: CRON, scheduledTime: new Date() });
  } catch (error) {
    logLine({ timestamp: Date.now(), level: "error", message: `the cron could not run: ${String(error)}` });
  }
}

async function publish({ publications }: Extract<ToLane, { type: "publish" }>): Promise<void> {
  if (runtime === undefined) throw new Error("the lane has not been started");
  const { CONFIG, GATE_CONFIG } = await runtime.getBindings<{ CONFIG: SnapshotBucket; GATE_CONFIG?: SnapshotBucket }>(worker);
  const published = await publishAll({ own: CONFIG, gate: GATE_CONFIG ?? null }, publications);
  tell({ type: "published", published });
}

async function stop(): Promise<never> {
  log?.flush();
  await runtime?.dispose();
  process.exit(0);
}

function handle(message: ToLane): Promise<void> {
  switch (message.type) {
    case "start":
      return start(message.config);
    case "publish":
      return publish(message);
    case "stop":
      return stop();
  }
}

process.on("message", (message: ToLane) => {
  handle(message).catch((error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => void stop());
// Ctrl-C is for the supervisor, which stops the lanes in order.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => void stop());
