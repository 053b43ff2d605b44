/** The proofs of the API, with what they found. */
import { join } from "node:path";
import { freePort } from "../../../local/ports.ts";
import { fuzz } from "../fuzz.ts";
import type { Stage } from "../stage.ts";
import { crossTenants } from "../tenants.ts";
import { wire } from "../wire.ts";

type Check = { readonly what: string; readonly holds: boolean };

const MAX_SHOWN = 40;
const MAX_CHARS = 1_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function check(what: string, faults: readonly string[]): Check {
  for (const fault of faults.slice(0, MAX_SHOWN)) say(`  ${fault.slice(0, MAX_CHARS)}`);
  if (faults.length > MAX_SHOWN) say(`  and ${faults.length - MAX_SHOWN} more`);
  return { what, holds: faults.length === 0 };
}

/** Operations that want what this proof does not make: a session that has ended, a version to go back to, a job. */
const MAX_UNREACHED = 10;

const byStatus = (statuses: ReadonlyMap<number, number>): string =>
  [...statuses]
    .toSorted(([one], [other]) => one - other)
    .map(([status, count]) => `${count} x ${status}`)
    .join(", ");

export async function proveWire({ system, stateDir }: Stage): Promise<Check[]> {
  const { asked, unreached, violations } = await wire(system, { port: await freePort(), file: join(stateDir, "openapi.json") });
  say(`${asked} requests through Prism; refused in the end: ${unreached.length}`);
  for (const each of unreached) say(`  ${each}`);
  return [
    check("nearly every operation did what it is for", unreached.slice(MAX_UNREACHED)),
    check("requests and answers are as described", violations),
  ];
}

export async function proveFuzz({ system }: Stage, seed: number, cases: number): Promise<Check[]> {
  const { requests, statuses, faults, missing } = await fuzz(system, { seed, cases });
  say(`${requests} requests, seed ${seed}: ${byStatus(statuses)}`);
  return [check("there is something of every kind", missing), check("every answer is as described", faults)];
}

export async function proveTenants({ system }: Stage, seed: number, probes: number): Promise<Check[]> {
  const outcome = await crossTenants(system, { seed, probes });
  say(`${outcome.probes} probes, seed ${seed}: ${byStatus(outcome.statuses)}`);
  return [
    check("there is something of every kind", outcome.missing),
    check("nothing of another tenant is told or done", outcome.faults),
    check("nothing of the other tenant has changed", outcome.changed),
  ];
}
