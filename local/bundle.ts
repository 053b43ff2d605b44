/**
 * Builds the Worker the way `wrangler deploy` does, without starting it: wrangler's own esbuild with the options that wrangler gives
 * it takes a tenth of a second instead of some, which matters at every reload. A test holds the outcome against wrangler's.
 */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT } from "./paths.ts";

/** The part of esbuild's interface that is used here; the package itself belongs to wrangler. */
type Esbuild = { build(options: Readonly<Record<string, unknown>>): Promise<{ readonly errors: readonly unknown[] }> };

const PRODUCTION = JSON.stringify("production");

/** See `bundleWorker` in wrangler: https://github.com/cloudflare/workers-sdk/blob/main/packages/wrangler/src/deployment-bundle/bundle.ts */
export const BUNDLE_OPTIONS = {
  bundle: true,
  format: "esm",
  target: "es2024",
  supported: { "import-source": true, using: true },
  conditions: ["workerd", "worker", "browser"],
  keepNames: false,
  sourcemap: true,
  external: ["cloudflare:*", "node:*"],
  define: {
    "navigator.userAgent": JSON.stringify("Cloudflare-Workers"),
    "process.env.NODE_ENV": PRODUCTION,
    "global.process.env.NODE_ENV": PRODUCTION,
    "globalThis.process.env.NODE_ENV": PRODUCTION,
  },
  loader: { ".js": "jsx", ".mjs": "jsx", ".cjs": "jsx" },
  logLevel: "silent",
} as const;

/** @param name of the bundle's file. @returns its path. @throws with esbuild's messages when the source does not build. */
export async function bundleWorker(
  stateDir: string,
  entry = join(ROOT, "workers", "index.ts"),
  name = "worker",
): Promise<string> {
  const wrangler = createRequire(import.meta.url).resolve("wrangler");
  const esbuild = createRequire(wrangler)("esbuild") as Esbuild;
  const outfile = join(stateDir, "build", `${name}.js`);
  mkdirSync(join(stateDir, "build"), { recursive: true });
  await esbuild.build({ ...BUNDLE_OPTIONS, absWorkingDir: ROOT, entryPoints: [entry], outfile });
  return outfile;
}
