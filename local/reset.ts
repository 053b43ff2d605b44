/** `npm run reset`: removes everything that the local system keeps. */
import { existsSync } from "node:fs";
import { holderOf } from "./lock.ts";
import { DEFAULT_STATE_DIR } from "./paths.ts";
import { removeState } from "./state.ts";

const holder = holderOf(DEFAULT_STATE_DIR);
if (holder !== undefined) {
  process.stderr.write(`The system is running (process ${holder}): stop it first.\n`);
  process.exit(1);
}
if (existsSync(DEFAULT_STATE_DIR)) {
  removeState(DEFAULT_STATE_DIR);
  process.stderr.write(`Removed ${DEFAULT_STATE_DIR}.\n`);
} else {
  process.stderr.write("There was nothing to remove.\n");
}
