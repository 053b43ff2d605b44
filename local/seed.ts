/** The demo tenants: what stands in Postgres about them, and what the snapshots need of it. */
import { createHash } from "node:crypto";
import { asc, isNull } from "drizzle-orm";
import { seal, trunkSealContext } from "../adapters/identity/sealing.ts";
import { asTenant, type Database } from "../adapters/postgres/client.ts";
import { type ApiKeyRecord, parseApiKey } from "../domain/identity/api-key.ts";
import { knownRoles } from "../domain/identity/principal.ts";
import type { Access } from "../domain/routing/compile.ts";
import type { TenantId, TrunkId } from "../domain/shared/ids.ts";
import { apiKeys, tenants, trunkSecrets } from "../schema/index.ts";
import { DEMO_TENANT, OTHER_TENANT, PBX_TRUNK, type Secrets } from "./secrets.ts";

type TenantRows = {
  readonly tenant: typeof tenants.$inferInsert & { id: TenantId };
  readonly apiKeys: readonly (typeof apiKeys.$inferInsert)[];
  readonly trunkSecrets: readonly (typeof trunkSecrets.$inferInsert)[];
};

const INTEGRATOR = ["integrator"];
const SECRET_ID = "local-1";

/** Hashes and sealed texts only: no secret is stored as it is. */
function keyRow(name: string, text: string, trunk?: string): typeof apiKeys.$inferInsert {
  const parsed = parseApiKey(text);
  if (!parsed.ok) throw new Error(`the generated key "${name}" is malformed`);
  const { tenant, keyId, secret } = parsed.value;
  return {
    id: keyId,
    tenantId: tenant,
    name,
    secretHash: createHash("sha256").update(secret).digest("hex"),
    roles: INTEGRATOR,
    trunk: trunk ?? null,
  };
}

async function demoRows({ apiKeys: keys, webhookSecret, configKey }: Secrets): Promise<readonly TenantRows[]> {
  const sealed = await seal(webhookSecret, configKey, trunkSealContext(DEMO_TENANT, PBX_TRUNK as TrunkId));
  return [
    {
      tenant: { id: DEMO_TENANT, name: "Demo" },
      apiKeys: [keyRow("Demo", keys.demo), keyRow("Kamailio", keys.pbx, PBX_TRUNK)],
      trunkSecrets: [{ tenantId: DEMO_TENANT, trunk: PBX_TRUNK, id: SECRET_ID, sealed }],
    },
    { tenant: { id: OTHER_TENANT, name: "Acme" }, apiKeys: [keyRow("Acme", keys.acme)], trunkSecrets: [] },
  ];
}

/** Each tenant's rows through row-level security, as a Worker would write them. What is there stays as it is. */
export async function seedDatabase(database: Database, secrets: Secrets): Promise<void> {
  const { orm } = database;
  for (const { tenant, apiKeys: keys, trunkSecrets: sealed } of await demoRows(secrets)) {
    await asTenant(database, tenant.id, [
      orm.insert(tenants).values(tenant).onConflictDoNothing(),
      ...keys.map((key) => orm.insert(apiKeys).values(key).onConflictDoNothing()),
      ...sealed.map((secret) => orm.insert(trunkSecrets).values(secret).onConflictDoNothing()),
    ]);
  }
}

type KeyRow = Pick<ApiKeyRecord, "id" | "secretHash"> & {
  readonly roles: readonly string[];
  readonly trunk?: string | null | undefined;
  readonly expiresAt?: Date | null | undefined;
  readonly revokedAt?: Date | null | undefined;
};
type SecretRow = { readonly trunk: string; readonly sealed: string };

function accessOf(tenant: TenantId, keys: readonly KeyRow[], secrets: readonly SecretRow[]): Access {
  const trunks = [...new Set(secrets.map(({ trunk }) => trunk))];
  return {
    apiKeys: keys.map(({ id, secretHash, roles, trunk, expiresAt, revokedAt }) => ({
      id,
      tenant,
      secretHash,
      roles: knownRoles(roles),
      ...(trunk == null ? {} : { trunk: trunk as TrunkId }),
      ...(expiresAt == null ? {} : { expiresAt: expiresAt.toISOString() }),
      ...(revokedAt == null ? {} : { revokedAt: revokedAt.toISOString() }),
    })),
    trunkSecrets: trunks.map((trunk) => ({
      trunk: trunk as TrunkId,
      sealed: secrets.filter((secret) => secret.trunk === trunk).map((secret) => secret.sealed),
    })),
  };
}

export type AccessByTenant = Readonly<Record<string, Access>>;

/** Who may do what, from Postgres. In a fixed order: an unchanged configuration has to compile to the same snapshot. */
export async function readAccess(database: Database): Promise<AccessByTenant> {
  const { orm } = database;
  const read = async (tenant: TenantId) => {
    const [keys, secrets] = await asTenant(database, tenant, [
      orm.select().from(apiKeys).orderBy(asc(apiKeys.id)),
      orm
        .select()
        .from(trunkSecrets)
        .where(isNull(trunkSecrets.retiredAt))
        .orderBy(asc(trunkSecrets.trunk), asc(trunkSecrets.id)),
    ]);
    return [tenant, accessOf(tenant, keys, secrets)] as const;
  };
  return Object.fromEntries([await read(DEMO_TENANT), await read(OTHER_TENANT)]);
}

/** The same for a system that runs without Postgres. */
export async function accessWithoutDatabase(secrets: Secrets): Promise<AccessByTenant> {
  const rows = await demoRows(secrets);
  return Object.fromEntries(rows.map((each) => [each.tenant.id, accessOf(each.tenant.id, each.apiKeys, each.trunkSecrets)]));
}
