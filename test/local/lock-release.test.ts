import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { acquireLock } from "../../local/lock.ts";
import { newStateDir, removeState } from "../system/harness.ts";

it("[RUN-5] a lock that was released is not written again", async () => {
  const stateDir = newStateDir();
  const lock = await acquireLock(stateDir);
  lock.release();
  lock.note([]);
  expect(existsSync(join(stateDir, "lock"))).toBe(false);
  removeState(stateDir);
  expect(() => lock.note([])).not.toThrow();
});
