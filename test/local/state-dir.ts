import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { removeState } from "../../local/state.ts";

/** A state folder that is gone after the test. */
export function temporaryStateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-state-"));
  onTestFinished(() => removeState(folder));
  return folder;
}
