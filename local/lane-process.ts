/** Starts, watches and ends the process of a lane, or of the carrier beside them. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { until, within } from "./deadline.ts";
import type { FromLane, LaneConfig, LaneName, ToCarrier, ToLane } from "./lane-messages.ts";
import { OFFLINE } from "./lane-options.ts";
import type { LoopbackCarrierOptions } from "./loopback-carrier/server.ts";
import { ROOT } from "./paths.ts";
import type { Publication, Published } from "./publish.ts";
import { childrenOf, isAlive, signal } from "./processes.ts";

const START_DEADLINE_MS = 60_000;
const PUBLISH_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 5_000;
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;
/** A lane that ran this long was healthy: the next crash is a new matter. */
const HEALTHY_AFTER_MS = 10_000;
const OUTPUT_TAIL_CHARS = 4_000;

/** workerd keeps some file descriptors per resident object; the usual soft limit is soon used up. */
const RAISE_LIMIT = 'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)" 2>/dev/null; exec "$@"';

export type LaneProcess = {
  readonly name: string;
  /** Its Node and, of a lane, its workerd; empty when it does not run. */
  pids(): { node: number; workerd: number } | undefined;
  /** Resolves when the lane takes requests; at once when it does already. Waits for a restart that is under way. */
  start(): Promise<void>;
  /** The standard lane publishes for both. */
  publish(publications: readonly Publication[]): Promise<readonly Published[]>;
  /** Orderly, and it stays stopped. */
  stop(): Promise<void>;
  /** Sends a signal to all processes of the lane at once; if they end, they are restarted. Resolves when they have got it. */
  kill(name: NodeJS.Signals): Promise<void>;
  /** Kills without waiting, for the end of the supervisor. */
  killNow(): void;
};

type Hooks = {
  /** Something a person should know: a crash, a restart. */
  readonly notice: (text: string) => void;
  /** The processes are others now. */
  readonly changed: () => void;
};

/** What runs: the script in `local/`, what it is called in notices, and the first message to it. */
type Kind =
  | {
      readonly name: LaneName;
      readonly title: string;
      readonly script: "lane.ts";
      readonly configure: () => Promise<LaneConfig>;
    }
  | {
      readonly name: "carrier";
      readonly title: string;
      readonly script: "loopback-carrier/main.ts";
      readonly configure: () => Promise<LoopbackCarrierOptions>;
    };

/** @param core the only processor that the lane may run on; absent: any. */
export function laneProcess(
  stateDir: string,
  name: LaneName,
  configure: () => Promise<LaneConfig>,
  hooks: Hooks,
  core?: number,
): LaneProcess {
  return supervised(stateDir, { name, title: `${name} lane`, script: "lane.ts", configure }, hooks, pinnedTo(core));
}

export function carrierProcess(stateDir: string, options: LoopbackCarrierOptions, hooks: Hooks): LaneProcess {
  const configure = async () => options;
  return supervised(stateDir, { name: "carrier", title: "carrier", script: "loopback-carrier/main.ts", configure }, hooks);
}

/** What goes before a command that may run on one processor only. */
export const pinnedTo = (core: number | undefined): readonly string[] =>
  core === undefined ? [] : ["taskset", "-c", String(core)];

async function startMessage(kind: Kind): Promise<ToLane | ToCarrier> {
  return kind.script === "lane.ts"
    ? { type: "start", config: await kind.configure() }
    : { type: "start", config: await kind.configure() };
}

function supervised(stateDir: string, kind: Kind, hooks: Hooks, before: readonly string[] = []): LaneProcess {
  const { name, title } = kind;
  const outputFile = join(stateDir, "logs", `${name}-process.log`);
  const scratch = join(stateDir, "lanes", name, "tmp");
  let child: ChildProcess | undefined;
  let wanted = false;
  let starting: Promise<void> | undefined;
  let backoffMs = FIRST_BACKOFF_MS;

  function launch(): ChildProcess {
    rmSync(scratch, { recursive: true, force: true });
    for (const folder of [scratch, join(stateDir, "logs")]) mkdirSync(folder, { recursive: true });
    const output = openSync(outputFile, "w");
    // A process group of its own: Ctrl-C passes it by, and one signal reaches Node and workerd.
    const started = spawn("sh", ["-c", RAISE_LIMIT, "sh", ...before, process.execPath, join(ROOT, "local", kind.script)], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
      env: { ...process.env, ...OFFLINE, TMPDIR: scratch },
    });
    closeSync(output);
    return started;
  }

  function send(to: ChildProcess, message: ToLane | ToCarrier): void {
    to.send(message, () => {
      // A lane that is gone cannot be told anything; its end is noticed by itself.
    });
  }

  /** The next message of a type; rejects when the lane fails or ends instead. */
  function answer<T extends FromLane["type"]>(from: ChildProcess, type: T): Promise<Extract<FromLane, { type: T }>> {
    return new Promise((resolve, reject) => {
      const done = () => {
        from.off("message", onMessage);
        from.off("exit", onExit);
      };
      const onMessage = (message: FromLane) => {
        if (message.type !== type && message.type !== "failed") return;
        done();
        if (message.type === "failed") reject(new Error(`${title}: ${message.message}`));
        else resolve(message as Extract<FromLane, { type: T }>);
      };
      const onExit = () => {
        done();
        reject(new Error(`the ${title} ended: ${readFileSync(outputFile, "utf8").slice(-OUTPUT_TAIL_CHARS)}`));
      };
      from.on("message", onMessage);
      from.on("exit", onExit);
    });
  }

  const sweep = (pid: number) => signal(-pid, "SIGKILL");

  async function launchAndWait(): Promise<void> {
    const start = await startMessage(kind);
    if (!wanted) throw new Error(`the ${title} was stopped while it started`);
    const started = launch();
    const { pid } = started;
    if (pid === undefined) throw new Error(`the ${title}'s process cannot be started`);
    child = started;
    const startedAt = Date.now();
    let isReady = false;
    started.on("message", (message: FromLane) => {
      if (message.type !== "runtimeRestarted") return;
      hooks.notice(`${title}: workerd ended and was restarted`);
      hooks.changed();
    });
    started.on("error", () => {});
    started.once("exit", (code, reason) => {
      sweep(pid);
      if (child === started) child = undefined;
      hooks.changed();
      if (!isReady || !wanted) return;
      if (Date.now() - startedAt > HEALTHY_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
      hooks.notice(`${title} ended (${reason ?? `exit code ${code}`}); restarting in ${backoffMs / 1_000} s`);
      restart();
    });
    send(started, start);
    try {
      await within(answer(started, "ready"), START_DEADLINE_MS, `starting the ${title}`);
      isReady = true;
      hooks.changed();
    } catch (error) {
      sweep(pid);
      throw error;
    }
  }

  /** Tries until it runs or is not wanted any more. */
  function restart(): void {
    const attempt = async () => {
      while (wanted) {
        await sleep(backoffMs);
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
        if (!wanted) return;
        try {
          await launchAndWait();
          return hooks.notice(`${title} is back`);
        } catch (error) {
          hooks.notice(
            `${title} did not start: ${error instanceof Error ? error.message : String(error)}; next try in ${backoffMs / 1_000} s`,
          );
        }
      }
    };
    starting = attempt().finally(() => {
      starting = undefined;
    });
  }

  return {
    name,
    pids: () => (child?.pid === undefined ? undefined : { node: child.pid, workerd: childrenOf(child.pid)[0] ?? 0 }),
    start: async () => {
      wanted = true;
      if (starting === undefined && child === undefined) {
        starting = launchAndWait().finally(() => {
          starting = undefined;
        });
      }
      await starting;
    },
    publish: async (publications) => {
      const running = child;
      if (running === undefined) throw new Error(`the ${title} does not run`);
      const published = answer(running, "published");
      send(running, { type: "publish", publications });
      return (await within(published, PUBLISH_DEADLINE_MS, `publishing by the ${title}`)).published;
    },
    stop: async () => {
      wanted = false;
      const running = child;
      if (running?.pid === undefined) return;
      const { pid } = running;
      send(running, { type: "stop" });
      await until(() => !isAlive(pid), STOP_GRACE_MS);
      sweep(pid);
      if (!(await until(() => child !== running, STOP_GRACE_MS))) throw new Error(`the ${title} does not end`);
    },
    kill: async (which) => {
      const running = child;
      if (running?.pid === undefined) return;
      signal(-running.pid, which);
      if (which === "SIGKILL") await until(() => child !== running, STOP_GRACE_MS);
    },
    killNow: () => {
      if (child?.pid !== undefined) sweep(child.pid);
    },
  };
}
