import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { acquireLock, holderOf } from "../../local/lock.ts";
import { isAlive } from "../../local/processes.ts";
import { temporaryStateDir } from "./state-dir.ts";

async function run(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout!, "data");
  return child;
}

const holding = (folder: string, started: number[]) => `
  import { acquireLock } from ${JSON.stringify(new URL("../../local/lock.ts", import.meta.url).href)};
  (await acquireLock(${JSON.stringify(folder)})).note(${JSON.stringify(started)});
  console.log("held");
  setInterval(() => {}, 1000);`;

describe("the lock of a state folder", () => {
  it("lets one system in, and the next one after it is released", async () => {
    const folder = temporaryStateDir();
    const lock = await acquireLock(folder);
    expect(holderOf(folder)).toBe(process.pid);
    await expect(acquireLock(folder)).rejects.toThrow(/running already/);
    lock.release();
    expect(holderOf(folder)).toBeUndefined();
    (await acquireLock(folder)).release();
  });

  it("is taken over from a system that was killed, and what that left running is ended", async () => {
    const folder = temporaryStateDir();
    const orphan = await run("console.log('up'); setInterval(() => {}, 1000)");
    const holder = await run(holding(folder, [orphan.pid!]));
    await expect(acquireLock(folder)).rejects.toThrow(`process ${holder.pid}`);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    (await acquireLock(folder)).release();
    expect(isAlive(orphan.pid!)).toBe(false);
  });
});
