/** Processes that the bench starts: one question, one answer, each with a deadline, and none is left behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, closeSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { until, within } from "../local/deadline.ts";
import { OFFLINE } from "../local/lane-options.ts";
import { ROOT } from "../local/paths.ts";
import { isAlive, signal } from "../local/processes.ts";
import { onEnd } from "./cleanup.ts";

/** workerd needs some file descriptors for every object that is in memory. */
const WITH_MANY_FILES = 'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)" 2>/dev/null; exec "$@"';
const STOP_GRACE_MS = 5_000;
const OUTPUT_TAIL_CHARS = 4_000;

type Message = { readonly type: string };

export type Child<To extends Message, From extends Message> = {
  readonly pid: number;
  /** Sends a message and waits for the answer of a type. @throws when the child fails, ends or is late. */
  ask<T extends From["type"]>(message: To, answer: T, deadlineMs: number): Promise<Extract<From, { type: T }>>;
  /** Asks it to stop, then ends its whole group. */
  stop(): Promise<void>;
};

/**
 * @param script path from the repository's root. @param scratch folder for its temporary files and its output.
 * @param nodeOptions of the process itself, such as the size of its heap.
 */
export function startChild<To extends Message, From extends Message>(
  script: string,
  scratch: string,
  stopMessage?: To,
  nodeOptions: readonly string[] = [],
): Child<To, From> {
  const outputFile = join(scratch, "output.log");
  mkdirSync(dirname(outputFile), { recursive: true });
  const output = openSync(outputFile, "a");
  const command = [process.execPath, ...nodeOptions, join(ROOT, script)];
  const child: ChildProcess = spawn("sh", ["-c", WITH_MANY_FILES, "sh", ...command], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", output, output, "ipc"],
    env: { ...process.env, ...OFFLINE, TMPDIR: scratch },
  });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} could not be started`);
  const sweep = () => signal(-pid, "SIGKILL");
  const stop = onEnd(async () => {
    if (stopMessage !== undefined && child.connected) child.send(stopMessage, () => {});
    else signal(-pid, "SIGTERM");
    await until(() => !isAlive(pid), STOP_GRACE_MS);
    sweep();
  }, sweep);

  const answerOf = (type: string): Promise<From> =>
    new Promise((resolve, reject) => {
      const done = () => {
        child.off("message", onMessage);
        child.off("exit", onExit);
      };
      const onMessage = (message: From & { readonly message?: string }) => {
        if (message.type !== type && message.type !== "failed") return;
        done();
        if (message.type === "failed") reject(new Error(`${script}: ${message.message ?? "failed"}`));
        else resolve(message);
      };
      const onExit = () => {
        done();
        reject(new Error(`${script} ended: ${readFileSync(outputFile, "utf8").slice(-OUTPUT_TAIL_CHARS)}`));
      };
      child.on("message", onMessage);
      child.on("exit", onExit);
    });

  return {
    pid,
    async ask<T extends From["type"]>(message: To, type: T, deadlineMs: number) {
      const answer = answerOf(type);
      child.send(message, () => {});
      return (await within(answer, deadlineMs, script)) as Extract<From, { type: T }>;
    },
    stop,
  };
}
