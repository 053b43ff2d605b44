/** Publishes the checked-in configurations into a lane's bucket. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { publishSnapshot, type SnapshotBucket } from "../adapters/r2/snapshot-store.ts";
import { configurationSchema } from "../contracts/configuration.ts";
import { compileSnapshot } from "../domain/routing/compile.ts";
import { ROOT } from "./paths.ts";
import type { AccessByTenant } from "./seed.ts";

export const CONFIGURATIONS = ["demo.json", "acme.json"].map((name) => join(ROOT, "local", "seed", name));

export type Published = { readonly tenant: string; readonly version: string; readonly changed: boolean };

/** Compiles one file. @throws with every mistake in it, one per line. */
async function publishFile(bucket: SnapshotBucket, file: string, access: AccessByTenant): Promise<Published> {
  const parsed = configurationSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success) throw new Error(`${file}:\n${z.prettifyError(parsed.error)}`);
  const { tenant } = parsed.data;
  const compiled = compileSnapshot(parsed.data, access[tenant] ?? { apiKeys: [], trunkSecrets: [] });
  if (!compiled.ok)
    throw new Error(`${file}:\n${compiled.error.map(({ pointer, detail }) => `${pointer}: ${detail}`).join("\n")}`);
  return { tenant, ...(await publishSnapshot(bucket, compiled.value, Date.now())) };
}

/** Brings a lane's bucket up to date with the files and the keys; what is in force already is not written again. */
export async function publishConfigurations(bucket: SnapshotBucket, access: AccessByTenant): Promise<readonly Published[]> {
  const published: Published[] = [];
  for (const file of CONFIGURATIONS) published.push(await publishFile(bucket, file, access));
  return published;
}
