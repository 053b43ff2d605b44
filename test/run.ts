/**
 * `npm test`: the projects of test/projects.ts, then how many tests passed. Of those that run at the same time the first is seen at work,
 * the others when they are done.
 *
 *   npm test                        all but those that take minutes
 *   npm test -- long                those: what dies, hangs or is killed, and the local system
 *   npm test -- domain runtime      some
 *   npm test -- domain -t "ring"    whatever follows the projects goes to vitest
 *
 * The last line is `N passed, N failed` or `N passed, N failed, N skipped`; the exit code is 0 when something passed and nothing failed.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, globSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { PEERS_PROJECT, PROJECTS, type Project } from "./projects.ts";
import { TALLY_FILE_VARIABLE, type Tally } from "./tally.ts";

const ROOT = join(import.meta.dirname, "..");
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");
/** How long a project that is told to stop may take to end what it started. */
const GRACE_MS = 15_000;

type Selection = { readonly projects: readonly Project[]; readonly vitestArguments: readonly string[] };

/** Projects come first and by name; the rest, from the first flag or path on, is vitest's. */
function parseArguments(words: readonly string[]): Selection {
  const end = words.findIndex((word) => word.startsWith("-") || word.includes("/") || word.includes("."));
  const names = end === -1 ? words : words.slice(0, end);
  const unknown = names.filter((name) => !PROJECTS.some((project) => project.name === name));
  if (unknown.length > 0) {
    console.error(`There is no project ${unknown.join(", ")}. There are: ${PROJECTS.map(({ name }) => name).join(", ")}.`);
    process.exit(2);
  }
  return {
    projects: PROJECTS.filter(({ name, isLong }) => (names.length === 0 ? isLong !== true : names.includes(name))),
    vitestArguments: end === -1 ? [] : words.slice(end),
  };
}

const hasTests = (project: Project): boolean => globSync([...project.include], { cwd: ROOT }).length > 0;

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

/** Runs one project in a process group of its own, so that nothing that it started outlives it. Returns its exit code, or null at its deadline. */
async function vitest(
  project: Project,
  vitestArguments: readonly string[],
  tallyFile: string,
  output: "inherit" | number,
): Promise<number | null> {
  const reporters = ["--reporter=default", `--reporter=${join(ROOT, "test", "tally.ts")}`];
  const child = spawn(
    process.execPath,
    [VITEST, "run", "--passWithNoTests", "--project", project.name, ...reporters, ...vitestArguments],
    {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", output, output],
      env: {
        ...process.env,
        ...project.env,
        [TALLY_FILE_VARIABLE]: tallyFile,
        WRANGLER_SEND_METRICS: "false",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        PATH: [join(ROOT, "node_modules", ".bin"), process.env["PATH"]].join(delimiter),
      },
    },
  );
  const pid = child.pid!;
  const interrupt = (signal: NodeJS.Signals) => {
    signalGroup(pid, signal);
    interrupted = true;
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  let late = false;
  let force: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => {
    late = true;
    signalGroup(pid, "SIGTERM");
    force = setTimeout(() => signalGroup(pid, "SIGKILL"), GRACE_MS);
  }, project.deadlineMs);
  const code = await new Promise<number>((resolve) => {
    child.on("error", () => resolve(1)).on("exit", (exitCode) => resolve(exitCode ?? 1));
  });
  clearTimeout(deadline);
  clearTimeout(force);
  signalGroup(pid, "SIGKILL");
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  return late ? null : code;
}

const NOTHING: Tally = { passed: 0, failed: 0, skipped: [] };

/** A project that hangs, breaks down or says nothing has failed, whatever its tests said until then. */
async function runProject(
  project: Project,
  vitestArguments: readonly string[],
  folder: string,
  output: "inherit" | number,
): Promise<Tally> {
  const tallyFile = join(folder, `${project.name}.json`);
  const code = await vitest(project, vitestArguments, tallyFile, output);
  const tally = existsSync(tallyFile) ? (JSON.parse(readFileSync(tallyFile, "utf8")) as Tally) : undefined;
  if (code === null) console.log(`${project.name} did not end within ${project.deadlineMs / 60_000} minutes and was stopped.`);
  else if (tally === undefined) console.log(`${project.name} ended with code ${code} before its tests did.`);
  const brokeDown = code !== 0 || tally === undefined;
  const counted = tally ?? NOTHING;
  return { ...counted, failed: brokeDown ? Math.max(counted.failed, 1) : counted.failed };
}

/** Projects that run at the same time. */
async function runGroup([first, ...others]: readonly Project[], words: readonly string[], folder: string): Promise<Tally[]> {
  console.log(`\n--- ${[first!.name, ...others.map(({ name }) => `${name} beside it`)].join(", ")}`);
  const behind = others.map((project) => {
    const file = join(folder, `${project.name}.log`);
    const output = openSync(file, "w");
    return { project, file, output, done: runProject(project, words, folder, output) };
  });
  const tallies = [await runProject(first!, words, folder, "inherit")];
  for (const { project, file, output, done } of behind) {
    tallies.push(await done);
    closeSync(output);
    console.log(`\n--- ${project.name}`);
    process.stdout.write(readFileSync(file));
  }
  return tallies;
}

/** A project joins the one before it when it says so and both are to run. */
function groupsOf(projects: readonly Project[]): Project[][] {
  const groups: Project[][] = [];
  for (const project of projects) {
    const last = groups.at(-1);
    const before = PROJECTS[PROJECTS.indexOf(project) - 1];
    if (project.besides === true && last !== undefined && last.at(-1) === before) last.push(project);
    else groups.push([project]);
  }
  return groups;
}

let interrupted = false;
const { projects, vitestArguments } = parseArguments(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "trunkline-test-"));
let [passed, failed, skipped] = [0, 0, 0];
const missed: string[] = [];
for (const group of groupsOf(projects.filter(hasTests))) {
  if (interrupted) break;
  const tallies = await runGroup(group, vitestArguments, folder);
  for (const [index, tally] of tallies.entries()) {
    passed += tally.passed;
    failed += tally.failed;
    skipped += tally.skipped.length;
    if (group[index]!.name === PEERS_PROJECT)
      missed.push(...tally.skipped.map(({ name, reason }) => `${name}: ${reason ?? "no reason given"}`));
  }
}
rmSync(folder, { recursive: true, force: true });

if (missed.length > 0) console.log(`\nNot tested against other software:\n${missed.map((line) => `  ${line}`).join("\n")}`);
if (passed + failed === 0) console.log("\nNo test ran.");
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = passed > 0 && failed === 0 && !interrupted ? 0 : 1;
