/** Redocly and Spectral over the description: installed when they are asked for, because they are 380 packages that nothing else needs. */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiDocument } from "../../contracts/openapi/api.ts";
import { ROOT } from "../paths.ts";

const TOOLS = join(ROOT, "tools", "api");
const DEADLINE_MS = 300_000;
/** Looked at by both; its name stands in the list of findings that are none. */
const DOCUMENT = "openapi.json";
const ENVIRONMENT = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };

function run(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, { cwd: TOOLS, env: ENVIRONMENT, stdio: "inherit", timeout: DEADLINE_MS });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}

const tool = (name: string): string => join(TOOLS, "node_modules", ".bin", name);

/** @returns whether neither has anything to say. */
export function lint(): boolean {
  const isThere = ["redocly", "spectral"].every((name) => existsSync(tool(name)));
  if (!isThere && !run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"])) return false;
  writeFileSync(join(TOOLS, DOCUMENT), JSON.stringify(apiDocument(), null, 1));
  const redocly = run(tool("redocly"), ["lint", "--config", "redocly.yaml", "--max-problems", "1000", DOCUMENT]);
  const spectral = run(tool("spectral"), ["lint", "-r", ".spectral.yaml", "--fail-severity", "hint", DOCUMENT]);
  return redocly && spectral;
}
