/** Where things are in the repository and in the state folder. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The state of the system that `npm start` runs; `TRUNKLINE_STATE` moves it. */
export const DEFAULT_STATE_DIR = resolve(process.env["TRUNKLINE_STATE"] ?? join(ROOT, ".trunkline"));

export const DEFAULT_PORT = 8787;
