/** `npm run check`: everything that can be known without running the system. All steps run, even when one fails. */
import { dryRunEnvironments } from "./check/bundles.ts";
import { type CommandResult, run } from "./check/command.ts";
import { drift } from "./check/environments.ts";
import { migrationsDiffer } from "./check/migrations.ts";
import { allLockedAddresses, brokenLinks, longFiles } from "./check/repository.ts";
import { knownVulnerabilities } from "./check/vulnerabilities.ts";
import { checkedInTypes, generateEnvironmentTypes } from "./generate-types.ts";
import { changesSinceRelease } from "./openapi/released.ts";

type Outcome = CommandResult & { readonly summary?: string };
type Step = { readonly name: string; readonly check: () => Promise<Outcome> };

const complaints = (lines: readonly string[]): Outcome => ({ ok: lines.length === 0, output: lines.join("\n") });

async function bindingTypes(): Promise<Outcome> {
  const upToDate = (await generateEnvironmentTypes()) === checkedInTypes();
  return { ok: upToDate, output: "worker-configuration.d.ts is not what wrangler.toml says; run `npm run types`." };
}

const STEPS: readonly Step[] = [
  { name: "format", check: () => run("oxfmt", ["--check", "."]) },
  { name: "lint", check: () => run("oxlint", ["--deny-warnings", "."]) },
  { name: "binding types", check: bindingTypes },
  { name: "types: worker", check: () => run("tsc", ["-p", "."]) },
  { name: "types: tests and tools", check: () => run("tsc", ["-p", "test"]) },
  { name: "environments", check: async () => complaints(drift()) },
  { name: "migrations", check: migrationsDiffer },
  { name: "lock file", check: async () => complaints(allLockedAddresses()) },
  { name: "vulnerabilities", check: knownVulnerabilities },
  { name: "api", check: async () => complaints(changesSinceRelease()?.changes ?? []) },
  { name: "file length", check: async () => complaints(await longFiles()) },
  { name: "links", check: async () => complaints(await brokenLinks()) },
  { name: "bundles", check: dryRunEnvironments },
];

async function outcomeOf(step: Step): Promise<Outcome> {
  try {
    return await step.check();
  } catch (error) {
    return { ok: false, output: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

const NAME_WIDTH = Math.max(...STEPS.map((step) => step.name.length));
const indented = (text: string): string => text.trimEnd().replace(/^/gm, "       ");

let failed = 0;
for (const step of STEPS) {
  const start = performance.now();
  const outcome = await outcomeOf(step);
  const seconds = ((performance.now() - start) / 1_000).toFixed(1).padStart(5);
  const summary = outcome.ok && outcome.summary !== undefined ? `  ${outcome.summary}` : "";
  console.log(`${outcome.ok ? "ok    " : "FAILED"} ${step.name.padEnd(NAME_WIDTH)} ${seconds} s${summary}`);
  if (!outcome.ok) {
    failed += 1;
    console.log(indented(outcome.output));
  }
}
console.log(failed === 0 ? "All checks passed." : `${failed} of ${STEPS.length} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
