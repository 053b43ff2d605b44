/** `npm start` and `npm run token`, as somebody types them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { decodeJwt } from "jose";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { until } from "../../local/deadline.ts";
import { ROOT } from "../../local/paths.ts";
import { isFree } from "../../local/ports.ts";
import { childrenOf, isAlive, signal } from "../../local/processes.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, freePair, newStateDir, removeState } from "./harness.ts";

const START_DEADLINE_MS = 90_000;
const STOP_DEADLINE_MS = 20_000;

const stateDir = newStateDir();
const groups: number[] = [];

type Command = { readonly child: ChildProcess; readonly stdout: () => string; readonly stderr: () => string };

/** npm in a process group of its own, so that nothing of it can outlive the test. */
function npm(words: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
  const child = spawn("npm", ["--silent", "run", ...words], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TRUNKLINE_STATE: stateDir, ...env },
  });
  groups.push(child.pid!);
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (part) => (stdout += String(part)));
  child.stderr!.on("data", (part) => (stderr += String(part)));
  return { child, stdout: () => stdout, stderr: () => stderr };
}

async function finished(command: Command): Promise<number | null> {
  if (command.child.exitCode === null) await once(command.child, "close");
  return command.child.exitCode;
}

const descendantsOf = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

type Running = Command & { readonly all: readonly number[] };

async function started(port: number): Promise<Running> {
  const command = npm(["start"], { PORT: String(port) });
  const isUp = await until(
    () => command.stdout().includes("Trunkline is running") || command.child.exitCode !== null,
    START_DEADLINE_MS,
  );
  if (!isUp || command.child.exitCode !== null) throw new Error(`npm start did not come up: ${command.stderr()}`);
  return { ...command, all: [command.child.pid!, ...descendantsOf(command.child.pid!)] };
}

/** @param to npm alone, as a service manager does it, or the whole group, as a terminal does it. */
async function stopped({ child, all }: Running, name: NodeJS.Signals, to: "npm" | "group"): Promise<void> {
  signal(to === "group" ? -child.pid! : child.pid!, name);
  await until(() => !all.some(isAlive), STOP_DEADLINE_MS);
  expect(all.filter(isAlive)).toEqual([]);
}

afterEach(() => {
  for (const group of groups.splice(0)) signal(-group, "SIGKILL");
});
afterAll(() => removeState(stateDir));

const tokenBy = async (...words: string[]): Promise<string> => {
  const command = npm(["token", "--", ...words]);
  expect([await finished(command), command.stderr()]).toEqual([0, ""]);
  return command.stdout();
};
const call = (url: string, token: string, body: unknown) =>
  fetch(`${url}/v1/calls`, {
    method: "POST",
    headers: { authorization: `Bearer ${token.trim()}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

describe("the two commands", () => {
  it("[RUN-7] npm run token says what to do before the first start, and which roles there are", async () => {
    const early = npm(["token", "--", "--role", "admin"]);
    expect([await finished(early), early.stdout()]).toEqual([1, ""]);
    expect(early.stderr()).toContain("npm start");
    const unknown = npm(["token", "--", "--role", "king"]);
    expect([await finished(unknown), unknown.stdout()]).toEqual([2, ""]);
    expect(unknown.stderr()).toContain("admin, operator, supervisor, integrator, viewer");
  });

  it("[RUN-1] npm start prints a command that works; the next start keeps sessions, keys and tokens; SIGTERM and Ctrl-C leave no process", async () => {
    const port = await freePair();
    const url = `http://127.0.0.1:${port}`;
    const first = await started(port);
    expect(first.all.length).toBeGreaterThanOrEqual(6);
    const curl = first
      .stdout()
      .split("\n")
      .find((line) => line.startsWith("curl "));
    expect(curl).toContain(url);
    const shell = spawn("sh", ["-c", `${curl} -o /dev/null -w '%{http_code}'`], { stdio: ["ignore", "pipe", "ignore"] });
    let answered = "";
    shell.stdout.on("data", (part) => (answered += String(part)));
    await once(shell, "close");
    expect(answered).toBe("201");

    const token = await tokenBy("--role", "operator");
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(decodeJwt(token.trim())).toMatchObject({ tenant: "demo", roles: ["operator"] });
    const opened = await Promise.all(
      [ORDINARY_CALL, EMERGENCY_CALL].map(async (body) => (await call(url, token, body)).json() as Promise<{ id: string }>),
    );
    expect((await call(url, await tokenBy("--role", "viewer"), ORDINARY_CALL)).status).toBe(403);
    expect((await call(url, await tokenBy("--role", "admin", "--tenant", "acme"), ORDINARY_CALL)).status).toBe(201);

    const second = npm(["start"], { PORT: String(port) });
    expect(await finished(second)).toBe(1);
    expect(second.stderr()).toMatch(/running already/);
    await stopped(first, "SIGTERM", "npm");
    expect([await isFree(port), await isFree(port + 1)]).toEqual([true, true]);

    const again = await started(port);
    for (const { id } of opened) {
      const response = await fetch(`${url}/v1/sessions/${id}`, { headers: { authorization: `Bearer ${token.trim()}` } });
      expect([response.status, ((await response.json()) as { id: string }).id]).toEqual([200, id]);
    }
    await stopped(again, "SIGINT", "group");
  });
});
