import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { acquireLock } from "../../local/lock.ts";
import { ROOT } from "../../local/paths.ts";
import { temporaryStateDir } from "./state-dir.ts";

const DEADLINE_MS = 20_000;

function reset(stateDir: string): { status: number | null; stderr: string } {
  const env = { ...process.env, TRUNKLINE_STATE: stateDir };
  return spawnSync(process.execPath, [join(ROOT, "local", "reset.ts")], { env, encoding: "utf8", timeout: DEADLINE_MS });
}

describe("[RUN-3] npm run reset", () => {
  it("forgets everything, and says when there was nothing", () => {
    const stateDir = temporaryStateDir();
    mkdirSync(join(stateDir, "lanes"), { recursive: true });
    writeFileSync(join(stateDir, "secrets.json"), "{}");
    expect(reset(stateDir)).toMatchObject({ status: 0, stderr: `Removed ${stateDir}.\n` });
    expect(existsSync(stateDir)).toBe(false);
    expect(reset(stateDir)).toMatchObject({ status: 0, stderr: "There was nothing to remove.\n" });
  });

  it("touches nothing while a system runs there", async () => {
    const stateDir = temporaryStateDir();
    const lock = await acquireLock(stateDir);
    expect(reset(stateDir)).toMatchObject({ status: 1, stderr: expect.stringContaining(`process ${process.pid}`) });
    expect(existsSync(join(stateDir, "lock"))).toBe(true);
    lock.release();
  });
});
