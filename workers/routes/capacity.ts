/** `GET /v1/capacity`: how lines are used now, and which destinations rest. The standard lane's; calls of both lanes are in it. */
import { Hono } from "hono";
import type { LoadedSnapshot } from "../../adapters/r2/snapshot-loaded.ts";
import { scopeUseJson } from "../../contracts/capacity.ts";
import { destinationTarget } from "../../domain/capacity/resting.ts";
import { isBounded, scopeKey } from "../../domain/capacity/scopes.ts";
import type { CapacityPolicy } from "../../domain/configuration/model.ts";
import type { CapacityScope } from "../../domain/routing/plan.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { configured } from "../call-routing.ts";
import type { AppEnv } from "../context.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";

type Scope = Pick<CapacityScope, "of" | "id"> & { readonly policy: CapacityPolicy };

function scopesOf(tenant: TenantId, { core }: LoadedSnapshot): readonly Scope[] {
  return [
    { of: "tenant", id: tenant, policy: core.settings.capacity },
    ...core.trunks.map(({ id, capacity }) => ({ of: "trunk" as const, id, policy: capacity })),
    ...core.destinations.map(({ id, capacity }) => ({ of: "destination" as const, id, policy: capacity })),
  ];
}

export const capacityRoutes = () =>
  new Hono<AppEnv>().get("/", requires("config:read"), async (c) => {
    const { capacity, breakers, entry } = c.get("deps");
    const { tenant } = c.get("principal");
    const inForce = configured(await entry(tenant));
    c.header("Cache-Control", "private, no-store");
    if (inForce === null) return c.json({ items: [] });
    const used = await capacity.use(tenant);
    if (used === null) return answerProblem(c, { code: "unavailable", detail: "how lines are used cannot be had now" });
    const byKey = new Map(used.map((use) => [use.scope, use]));
    const items = scopesOf(tenant, inForce.snapshot).flatMap((scope) => {
      const rests = scope.of === "destination" && breakers.state(destinationTarget(tenant, scope.id)) !== "closed";
      return rests || isBounded(scope.policy) ? [scopeUseJson(scope, scope.policy, byKey.get(scopeKey(scope)), rests)] : [];
    });
    return c.json({ items });
  });
