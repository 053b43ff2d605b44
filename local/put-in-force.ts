/** What is in force when the system has started. */
import { readAccess } from "../adapters/postgres/access/read-access.ts";
import type { Database } from "../adapters/postgres/client.ts";
import { createConfigurationStore } from "../adapters/postgres/configuration/store.ts";
import { createVersionStore } from "../adapters/postgres/configuration/version-store.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import type { Publication, Published } from "./publish.ts";
import { accessWithoutDatabase } from "./seed.ts";
import { readSeed, TENANTS } from "./seed-files.ts";
import type { Secrets } from "./secrets.ts";

/** Of a lane that has the buckets. */
export type Publisher = (publications: readonly Publication[]) => Promise<readonly Published[]>;

/** Who the record of versions says it was. */
const PUBLISHER = "npm start";

function explained({ tenant, problems }: Published): string {
  return `the configuration of ${tenant} cannot be published:\n${problems.join("\n")}`;
}

/** Without a database nothing can be edited: the checked-in configurations are in force. @throws with what is wrong with them. */
export async function putSeedsInForce(secrets: Secrets, publish: Publisher): Promise<void> {
  const access = await accessWithoutDatabase(secrets);
  const published = await publish(TENANTS.map((tenant) => ({ tenant, access: access[tenant]!, items: readSeed(tenant) })));
  for (const each of published) if (each.problems.length > 0) throw new Error(explained(each));
}

/** Publishes a tenant's draft for the first time. */
async function publishDraft(database: Database, tenant: TenantId, publish: Publisher): Promise<Published> {
  const store = createConfigurationStore(database);
  const draftRevision = await store.draftRevision(tenant);
  const items = [];
  for await (const part of store.readDraft(tenant)) items.push(...part);
  const access = await readAccess(database, tenant);
  const [published] = await publish([{ tenant, access, items }]);
  if (published!.record !== null) {
    const record = { ...published!.record, draftRevision, publishedBy: PUBLISHER, note: null };
    await createVersionStore(database).add(tenant, record);
  }
  return published!;
}

/**
 * Keys, users and secrets as they stand in Postgres. A tenant's draft only where nothing has ever been published: a restart must not
 * undo a rollback, nor publish what somebody has just begun to edit.
 */
export async function putDatabaseInForce(
  database: Database,
  publish: Publisher,
  notice: (text: string) => void,
): Promise<void> {
  const publications = await Promise.all(
    TENANTS.map(async (tenant) => ({ tenant, access: await readAccess(database, tenant), items: null })),
  );
  for (const { tenant, version } of await publish(publications)) {
    if (version !== null) continue;
    const published = await publishDraft(database, tenant, publish);
    // The system starts all the same: the draft can be corrected over the API.
    if (published.problems.length > 0) notice(explained(published));
  }
}
