/** Writes down that an endpoint has been disabled: in Postgres, in force, in the event store and in the audit trail. Each step may be repeated. */
import { parseIntake } from "../../contracts/events/ingest.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { Disabled } from "../../domain/webhooks/delivery.ts";
import type { WebhookStore } from "../../domain/webhooks/endpoint.ts";
import type { Trail } from "../../durable-objects/audit-trail/trail.ts";
import type { StoreEvents } from "../events/ingest.ts";

export const DISABLED_TYPE = "dev.trunkline.webhook.disabled.v1";

export type NoteDisabledDeps = {
  readonly nowMs: () => number;
  readonly webhooks: Pick<WebhookStore, "disable">;
  readonly storeEvents: StoreEvents;
  readonly audit: Pick<Trail, "record">;
  readonly publishAccess: (tenant: TenantId) => Promise<void>;
};

const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/**
 * Whoever enabled the endpoint meanwhile, or changed it, is not told that it is disabled: it is not. What is in force is published all the
 * same, so that who spoke of an older revision comes to know the newer one.
 * @returns whether it is disabled by this. @throws when one of the steps cannot be taken now; those before it stay.
 */
export async function noteDisabled(
  deps: NoteDisabledDeps,
  tenant: TenantId,
  endpoint: string,
  disabled: Disabled,
): Promise<boolean> {
  const { because, atMs, undeliveredSinceMs } = disabled;
  const isDisabled = await deps.webhooks.disable(tenant, endpoint, disabled);
  await deps.publishAccess(tenant);
  if (!isDisabled) return false;
  const event = {
    specversion: "1.0",
    // The same each time, by which the store knows it again.
    id: `webhook-disabled/${endpoint}/${atMs}`,
    source: `/tenants/${tenant}/webhooks`,
    type: DISABLED_TYPE,
    subject: endpoint,
    data: { webhook: endpoint, because, disabledAt: isoOf(atMs), undeliveredSince: isoOf(undeliveredSinceMs) },
  };
  const body = new TextEncoder().encode(JSON.stringify(event));
  const parsed = parseIntake(body, "event", { tenant, nowMs: deps.nowMs(), key: null });
  if (!parsed.ok || parsed.value.events.length !== 1) throw new Error("the notice of a disabled webhook is no event");
  const stored = await deps.storeEvents({ events: parsed.value.events, digest: null }, parsed.value.affinity);
  if (stored.tag !== "stored") throw new Error("the notice of a disabled webhook cannot be stored now");
  await deps.audit.record(
    {
      tenant,
      actor: "trunkline",
      via: "system",
      action: "webhooks.disable",
      resource: `webhooks/${endpoint}`,
      requestId: `webhook-${endpoint}-${atMs}`,
      sourceIp: null,
    },
    { outcome: "done", status: 0, detail: { because } },
  );
  return true;
}
