/** The state folder as a whole. */
import { rmSync } from "node:fs";
import { removeOutsideFolder } from "./postgres-home.ts";

/** Removes a state folder and what is kept elsewhere for it. Nothing may run with it (see lock.ts). */
export function removeState(stateDir: string): void {
  removeOutsideFolder(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
}
