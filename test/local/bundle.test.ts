import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { bundleWorker } from "../../local/bundle.ts";
import { OFFLINE } from "../../local/lane-options.ts";
import { ROOT } from "../../local/paths.ts";
import { temporaryStateDir } from "./state-dir.ts";

/** Without comments that name files: they are relative to where the bundle was written. */
const code = (file: string): string[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("//"));

it("the local bundle is the code that wrangler would deploy", async () => {
  const folder = temporaryStateDir();
  const wrangler = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--env", "standard-dev", "--outdir", join(folder, "wrangler")];
  // Vitest sets NODE_ENV to "test", which wrangler would build into the code.
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...OFFLINE, NODE_ENV: "production" } });
  const local = code(await bundleWorker(folder));
  const deployed = code(join(folder, "wrangler", "index.js"));
  expect(local.length).toBeGreaterThan(1_000);
  // The first line that differs says enough; the whole is thousands of lines.
  const at = local.findIndex((line, index) => line !== deployed[index]);
  expect({ line: at, local: local[at] }).toEqual({ line: -1, local: undefined });
  expect(deployed).toHaveLength(local.length);
});
