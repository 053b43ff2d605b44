/** Known vulnerabilities of the packages that are locked, as far as the registry tells. */
import { z } from "zod";
import { run } from "./command.ts";

const report = z.object({
  vulnerabilities: z.record(z.string(), z.object({ severity: z.string(), via: z.array(z.unknown()) })),
});

export type Vulnerabilities = { readonly ok: boolean; readonly output: string; readonly summary?: string };

/** What `npm audit --json` says. What is no report, as of a registry that tells nothing or does not answer, is said to have been skipped. */
export function readAudit(output: string): Vulnerabilities {
  const start = output.indexOf("{");
  let json: unknown = null;
  try {
    json = JSON.parse(output.slice(start, output.lastIndexOf("}") + 1));
  } catch {
    // No report.
  }
  const parsed = report.safeParse(json);
  if (!parsed.success) return { ok: true, output: "", summary: "skipped: the registry does not tell" };
  const found = Object.entries(parsed.data.vulnerabilities).map(([name, { severity }]) => `${name}: ${severity}`);
  return { ok: found.length === 0, output: `${found.join("\n")}\nnpm audit says more.` };
}

/** Of what is deployed and of what only tests and tools use. */
export async function knownVulnerabilities(): Promise<Vulnerabilities> {
  const { output } = await run("npm", ["audit", "--json", "--fetch-retries=0", "--fetch-timeout=20000"]);
  return readAudit(output);
}
