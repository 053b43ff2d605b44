/**
 * Runs a TypeScript file of this repository: `node local/bootstrap.mjs <script.ts> [arguments]`.
 *
 * Plain JavaScript without dependencies, because it runs before anything is installed, on whatever Node (≥ 20) the machine has. It
 * installs the locked dependencies when they are missing or stale and hands over to the locked Node 24 among them, which runs
 * TypeScript directly. Its own words go to stderr: stdout belongs to the script.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK = join(ROOT, "package-lock.json");
const MODULES = join(ROOT, "node_modules");
/** What npm wrote at the end of the last install: the packages that are really there. */
const INSTALLED = join(MODULES, ".package-lock.json");
/** The first Node that runs TypeScript without a flag. */
const TYPESCRIPT_SINCE = [22, 18];
const PARENT_CHECK_MS = 200;
const WINDOWS = process.platform === "win32";

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch {
    return undefined;
  }
}

/** By content, not by time: an install by hand and a fresh clone count, and nothing is installed under a running system for nothing. */
function isInstalled() {
  const installed = packagesIn(INSTALLED);
  const locked = packagesIn(LOCK);
  if (locked === undefined) fail(`${LOCK} is missing or damaged.`);
  if (installed === undefined) return false;
  // npm leaves out what is for another platform, and whatever only that needs; our own optional packages for this one have to be there.
  const wanted = (path) => locked[path].os?.includes(process.platform) && locked[path].cpu?.includes(process.arch);
  const own = new Set(Object.keys(locked[""]?.optionalDependencies ?? {}).map((name) => `node_modules/${name}`));
  const mayBeMissing = (path) => locked[path].optional === true && !(own.has(path) && wanted(path));
  const same = (path) =>
    locked[path].version === installed[path].version && locked[path].integrity === installed[path].integrity;
  return Object.keys(locked)
    .filter((path) => path !== "")
    .every((path) => (path in installed ? same(path) : mayBeMissing(path)));
}

function install() {
  if (isInstalled()) return;
  const startedAt = Date.now();
  process.stderr.write("Installing the locked dependencies (npm ci) …\n");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
    shell: WINDOWS,
  });
  if (npm.error) fail(`npm could not be run: ${npm.error.message}`);
  if (npm.status !== 0) fail("npm ci failed; see above. Nothing was started.");
  process.stderr.write(`Installed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.\n`);
}

/** The path of a Node that runs TypeScript: the locked one, else the host's. */
function suitableNode() {
  const locked = join(MODULES, ".bin", WINDOWS ? "node.cmd" : "node");
  if (existsSync(locked) && spawnSync(locked, ["--version"], { shell: WINDOWS }).status === 0) return locked;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > TYPESCRIPT_SINCE[0] || (major === TYPESCRIPT_SINCE[0] && minor >= TYPESCRIPT_SINCE[1])) return process.execPath;
  return fail(
    `No suitable Node. This machine runs Node ${process.versions.node}; Trunkline needs ≥ ${TYPESCRIPT_SINCE.join(".")}, and the Node 24 that\n` +
      `comes with the dependencies is not there for ${process.platform}-${process.arch} (were optional dependencies left out?). Install Node 24.`,
  );
}

function run(node, args) {
  const path = [join(MODULES, ".bin"), process.env.PATH].join(WINDOWS ? ";" : ":");
  const child = spawn(node, args, { stdio: "inherit", shell: WINDOWS, env: { ...process.env, PATH: path } });
  // A terminal sends Ctrl-C to both processes; whoever sends a signal to this one alone means the script.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // npm passes signals to the shell between it and this process, and many shells die of them without passing them on.
  const parent = process.ppid;
  const orphaned = () => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  };
  const watch = process.env.npm_lifecycle_event === undefined ? undefined : setInterval(orphaned, PARENT_CHECK_MS);
  child.on("error", (error) => fail(`${node} could not be run: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
}

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) fail("usage: node local/bootstrap.mjs <script.ts> [arguments]");
install();
run(suitableNode(), [join(ROOT, script), ...rest]);
