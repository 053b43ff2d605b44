/**
 * `npm run build -w @trunkline/client`: makes `clients/typescript/dist`, JavaScript with its declarations, as the package carries it. What the
 * client shares with the server keeps its place in it, so that nothing has to be bundled.
 */
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./check/command.ts";
import { ROOT } from "./paths.ts";

const PACKAGE = join(ROOT, "clients", "typescript");
const DIST = join(PACKAGE, "dist");
/** The compiler leaves these as they are in declarations, and not every reader looks for declarations behind them. */
const TYPESCRIPT_IMPORT = /(\bfrom |\bimport\()"(\.{1,2}\/[^"]+)\.ts"/g;

rmSync(DIST, { recursive: true, force: true });
const compiled = await run("tsc", ["-p", PACKAGE]);
if (!compiled.ok) {
  console.error(compiled.output);
  process.exit(1);
}
for (const file of readdirSync(DIST, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"))) {
  const path = join(DIST, file);
  writeFileSync(path, readFileSync(path, "utf8").replaceAll(TYPESCRIPT_IMPORT, '$1"$2.js"'));
}
