/** A program of the documentation or the examples, which listens on a port of this machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../local/ports.ts";

export const ROOT = join(import.meta.dirname, "../..");
const START_MS = 10_000;

export type LocalProgram = { readonly url: string; readonly stop: () => void };

const answers = async (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

/**
 * Runs Node with these arguments, and `PORT` besides the variables that are given. Resolves when it answers.
 * @throws when it has ended or does not answer in time.
 */
export async function startProgram(args: readonly string[], env: Readonly<Record<string, string>>): Promise<LocalProgram> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const program: ChildProcess = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: "ignore",
  });
  const deadlineMs = Date.now() + START_MS;
  while (!(await answers(url))) {
    if (Date.now() > deadlineMs || program.exitCode !== null) {
      program.kill();
      throw new Error("the program does not listen");
    }
    await sleep(20);
  }
  return { url, stop: () => void program.kill() };
}
