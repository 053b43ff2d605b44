import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { coreKey, putImmutable, readCore } from "../../adapters/r2/snapshot-objects.ts";
import type { SnapshotCore } from "../../domain/routing/snapshot.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { cacheOver } from "./fixture/snapshots.ts";
import { unpublishedTenant } from "./fixture/tenant.ts";

/** Puts the core in the place of the published one as it was written before trunks had carriers, and rules could ask. */
async function withOlderCore(tenant: TenantId, version: string): Promise<void> {
  const key = coreKey(tenant, version);
  const core = await (await env.CONFIG.get(key))!.json<SnapshotCore>();
  const trunks = core.trunks.map(({ carrier: _carrier, silence: _silence, ...trunk }) => trunk);
  const { decisionServices: _services, ...others } = core;
  await env.CONFIG.delete(key);
  await putImmutable(env.CONFIG, key, new TextEncoder().encode(JSON.stringify({ ...others, trunks })));
}

describe("[CFG-10] a version that was published before trunks had carriers", () => {
  it("stays in force, and its calls are their peers' to execute", async () => {
    const tenant = await unpublishedTenant();
    const version = await tenant.publish("one.example");
    await withOlderCore(tenant.id, version);
    expect(await cacheOver().route(tenant.id, "+15551230002")).toBe("one.example");
    const { core } = await readCore(env.CONFIG, tenant.id, version);
    expect(core.trunks.map(({ carrier, silence }) => ({ carrier, silence }))).toEqual([
      { carrier: null, silence: { setupMs: null, activeMs: null } },
      { carrier: null, silence: { setupMs: null, activeMs: null } },
    ]);
  });
});
