import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { experimental_readRawConfig as readRawConfig } from "wrangler";
import { ROOT, run } from "./command.ts";

const AT_ONCE = 2;
const SIZE = /Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/;

export type Bundles = { readonly ok: boolean; readonly output: string; readonly summary: string };

/** Builds and validates every environment as `wrangler deploy` would, without an account. The summary gives the largest bundle. */
export async function dryRunEnvironments(): Promise<Bundles> {
  const { rawConfig } = readRawConfig({ config: join(ROOT, "wrangler.toml") });
  const environments = Object.keys(rawConfig.env ?? {});
  const out = mkdtempSync(join(tmpdir(), "trunkline-bundles-"));
  const waiting = [...environments];
  /** What wrangler said → the environments of which it said so: one mistake is told once, not eight times. */
  const failures = new Map<string, string[]>();
  let [largestKiB, gzipKiB] = [0, 0];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { ok, output } = await run("wrangler", ["deploy", "--dry-run", "--env", name, "--outdir", join(out, name)]);
      const size = SIZE.exec(output);
      if (!ok || size === null) failures.set(output, [...(failures.get(output) ?? []), name]);
      else if (Number(size[1]) > largestKiB) [largestKiB, gzipKiB] = [Number(size[1]), Number(size[2])];
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  if (environments.length === 0) failures.set("wrangler.toml has none", ["no environments"]);
  return {
    ok: failures.size === 0,
    output: [...failures].map(([output, names]) => `${names.toSorted().join(", ")}:\n${output.trim()}`).join("\n"),
    summary: `${environments.length} environments, ${largestKiB} KiB, ${gzipKiB} KiB gzipped`,
  };
}
