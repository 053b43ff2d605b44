/** Sockets of clients, spread over processes of their own. */
import { join } from "node:path";
import { until } from "../../local/deadline.ts";
import { startChild } from "../child.ts";
import { cpuMsOf } from "../runtime/cpu.ts";
import type { Workspace } from "../workspace.ts";
import type { FromSockets, OpenSockets, ToSockets } from "./messages.ts";

/** So that one process of clients is not slower than one server. */
const PROCESSES = 2;
const OPEN_DEADLINE_MS = 120_000;
const ANSWER_DEADLINE_MS = 10_000;
const POLL_MS = 100;

export type Delivered = {
  /** Which write it came of, and when; as many as there were frames. */
  readonly markers: readonly number[];
  readonly atMs: readonly number[];
  readonly bytes: number;
  readonly closed: number;
};

export type ClientSockets = {
  /** Everything that came since the last time; waits until there are so many frames, or the time is over. */
  collect(frames: number, deadlineMs: number): Promise<Delivered>;
  /** @returns how many sockets got their `pong` in time. */
  ping(deadlineMs: number): Promise<number>;
  /** Processor time of the clients so far. */
  cpuMs(): number;
  stop(): Promise<void>;
};

const share = <T>(items: readonly T[], of: number): T[] => items.filter((_, index) => index % PROCESSES === of);

export async function openSockets(workspace: Workspace, job: Omit<OpenSockets, "type">): Promise<ClientSockets> {
  const children = Array.from({ length: PROCESSES }, (_, index) => {
    const scratch = join(workspace.folder, `sockets-${index}`);
    const child = startChild<ToSockets, FromSockets>("bench/live/sockets-process.ts", scratch, { type: "stop" });
    return { child, urls: share(job.urls, index) };
  });
  const stop = async () => void (await Promise.all(children.map(({ child }) => child.stop())));
  try {
    await Promise.all(children.map(({ child, urls }) => child.ask({ type: "open", ...job, urls }, "opened", OPEN_DEADLINE_MS)));
  } catch (error) {
    await stop();
    throw error;
  }
  const askAll = <T extends FromSockets["type"]>(message: ToSockets, answer: T) =>
    Promise.all(children.map(({ child }) => child.ask(message, answer, ANSWER_DEADLINE_MS)));
  const count = async (of: "frames" | "pongs"): Promise<number> =>
    (await askAll({ type: "count" }, "counted")).reduce((sum, counted) => sum + counted[of], 0);
  return {
    collect: async (frames, deadlineMs) => {
      await until(async () => (await count("frames")) >= frames, deadlineMs, POLL_MS);
      const parts = await askAll({ type: "collect" }, "collected");
      const sum = (of: "bytes" | "closed"): number => parts.reduce((total, part) => total + part[of], 0);
      return {
        markers: parts.flatMap(({ markers }) => markers),
        atMs: parts.flatMap(({ atMs }) => atMs),
        bytes: sum("bytes"),
        closed: sum("closed"),
      };
    },
    ping: async (deadlineMs) => {
      await askAll({ type: "ping" }, "pinged");
      await until(async () => (await count("pongs")) >= job.urls.length, deadlineMs, POLL_MS);
      return count("pongs");
    },
    cpuMs: () => children.reduce((sum, { child }) => sum + cpuMsOf(child.pid), 0),
    stop,
  };
}
