/** The checked-in configurations of the demo tenants. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigurationItem } from "../domain/configuration/model.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { readConfigurationText } from "./config/document.ts";
import { ROOT } from "./paths.ts";
import { DEMO_TENANT, OTHER_TENANT } from "./secrets.ts";

export const TENANTS: readonly TenantId[] = [DEMO_TENANT, OTHER_TENANT];

/** In the order of `ENTITY_KINDS`, within a kind by key. @throws with every mistake in the file, one per line. */
export function readSeed(tenant: TenantId): readonly ConfigurationItem[] {
  const file = join(ROOT, "local", "seed", `${tenant}.yaml`);
  const parsed = readConfigurationText(readFileSync(file, "utf8"));
  if (!parsed.ok) throw new Error(parsed.error.map(({ line, text }) => `${file}:${line}: ${text}`).join("\n"));
  return parsed.value.items;
}
