/** The demo tenants: what stands in Postgres about them when they are new. What is there stays as it is. */
import { createHash } from "node:crypto";
import { seal, trunkSealContext } from "../adapters/identity/sealing.ts";
import { asTenant, type Database } from "../adapters/postgres/client.ts";
import { createConfigurationStore } from "../adapters/postgres/configuration/store.ts";
import { type ApiKeyRecord, parseApiKey } from "../domain/identity/api-key.ts";
import type { Access } from "../domain/routing/snapshot.ts";
import type { TenantId, TrunkId } from "../domain/shared/ids.ts";
import { apiKeys, tenants, trunkSecrets } from "../schema/index.ts";
import { DEMO_TENANT, OTHER_TENANT, PBX_TRUNK, type Secrets } from "./secrets.ts";
import { readSeed, TENANTS } from "./seed-files.ts";

type NamedKey = ApiKeyRecord & { readonly name: string };
type DemoTenant = {
  readonly id: TenantId;
  readonly name: string;
  readonly apiKeys: readonly NamedKey[];
  readonly trunkSecrets: readonly { readonly trunk: TrunkId; readonly sealed: string }[];
};

const SECRET_ID = "local-1";

/** Hashes and sealed texts only: no secret is stored as it is. */
function keyOf(name: string, text: string, trunk?: TrunkId): NamedKey {
  const parsed = parseApiKey(text);
  if (!parsed.ok) throw new Error(`the generated key "${name}" is malformed`);
  const { tenant, keyId, secret } = parsed.value;
  const secretHash = createHash("sha256").update(secret).digest("hex");
  return { id: keyId, tenant, name, secretHash, roles: ["integrator"], ...(trunk === undefined ? {} : { trunk }) };
}

async function demoTenants({ apiKeys: keys, webhookSecret, configKey }: Secrets): Promise<readonly DemoTenant[]> {
  const trunk = PBX_TRUNK as TrunkId;
  const sealed = await seal(webhookSecret, configKey, trunkSealContext(DEMO_TENANT, trunk));
  return [
    {
      id: DEMO_TENANT,
      name: "Demo",
      apiKeys: [keyOf("Demo", keys.demo), keyOf("Kamailio", keys.pbx, trunk)],
      trunkSecrets: [{ trunk, sealed }],
    },
    { id: OTHER_TENANT, name: "Acme", apiKeys: [keyOf("Acme", keys.acme)], trunkSecrets: [] },
  ];
}

/** A draft that nobody has ever touched becomes the checked-in configuration. */
async function seedDraft(database: Database, tenant: TenantId): Promise<void> {
  const store = createConfigurationStore(database);
  if ((await store.draftRevision(tenant)) !== 0) return;
  const upload = await store.upload(tenant, { kind: "draft" }, { tag: "any" });
  await upload.stage(readSeed(tenant));
  const committed = await upload.commit();
  if (!committed.ok) throw new Error(`the configuration of ${tenant} cannot be stored: ${committed.error.tag}`);
}

/** Each tenant's rows through row-level security, as a Worker would write them. */
export async function seedDatabase(database: Database, secrets: Secrets): Promise<void> {
  const { orm } = database;
  for (const { id, name, apiKeys: keys, trunkSecrets: sealed } of await demoTenants(secrets)) {
    const keyRows = keys.map(({ tenant: tenantId, ...key }) => ({ ...key, tenantId, roles: [...key.roles] }));
    const secretRows = sealed.map((secret) => ({ ...secret, tenantId: id, id: SECRET_ID }));
    await asTenant(database, id, [
      orm.insert(tenants).values({ id, name }).onConflictDoNothing(),
      ...keyRows.map(({ id: keyId, tenantId, name: label, secretHash, roles, trunk }) =>
        orm.insert(apiKeys).values({ id: keyId, tenantId, name: label, secretHash, roles, trunk }).onConflictDoNothing(),
      ),
      ...secretRows.map((row) => orm.insert(trunkSecrets).values(row).onConflictDoNothing()),
    ]);
  }
  await Promise.all(TENANTS.map((tenant) => seedDraft(database, tenant)));
}

export type AccessByTenant = Readonly<Record<string, Access>>;

/** Who may do what, for a system that runs without Postgres. */
export async function accessWithoutDatabase(secrets: Secrets): Promise<AccessByTenant> {
  const all = await demoTenants(secrets);
  return Object.fromEntries(
    all.map(({ id, apiKeys: keys, trunkSecrets: sealed }) => [
      id,
      {
        apiKeys: keys.map(({ name: _name, ...key }) => key),
        trunkSecrets: sealed.map((secret) => ({ ...secret, sealed: [secret.sealed] })),
        users: [],
      },
    ]),
  );
}
