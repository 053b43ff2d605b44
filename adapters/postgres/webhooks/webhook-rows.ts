/** Rows of webhook endpoints, as the model has them. */
import type { Stored } from "../../../domain/configuration/store.ts";
import type { DisabledBecause, WebhookEndpointRecord } from "../../../domain/webhooks/endpoint.ts";
import type { WebhookTarget } from "../../../domain/webhooks/target.ts";
import type { webhookEndpoints } from "../../../schema/index.ts";

export type WebhookRow = typeof webhookEndpoints.$inferSelect;

export function storedEndpoint(row: WebhookRow): Stored<WebhookEndpointRecord> {
  const { id, url, description, eventTypes, personalData, sealedSecrets, createdBy, disabledAt, disabledBecause } = row;
  return {
    entity: {
      id,
      url,
      description,
      eventTypes,
      personalData,
      sealedSecrets,
      rotatedUntilMs: row.rotatedUntil?.getTime() ?? null,
      disabled:
        disabledAt === null ? null : { atMs: disabledAt.getTime(), because: (disabledBecause ?? "user") as DisabledBecause },
      createdBy,
    },
    revision: row.revision,
    createdAtMs: row.createdAt.getTime(),
    updatedAtMs: row.updatedAt.getTime(),
  };
}

/** As it is put in force. */
export function webhookTarget(row: WebhookRow): WebhookTarget {
  const { id, url, eventTypes, sealedSecrets, personalData, revision } = row;
  return { id, url, eventTypes, sealedSecrets, rotatedUntilMs: row.rotatedUntil?.getTime() ?? null, personalData, revision };
}
