/** Endpoints as a tenant keeps them, and the port to where they are kept (adapters/postgres/webhooks). */
import type { Expected, Page, PageRequest, Stored, WriteProblem } from "../configuration/store.ts";
import type { TenantId } from "../shared/ids.ts";
import type { Result } from "../shared/result.ts";
import type { Disabled } from "./delivery.ts";

/** Of one tenant. */
export const MAX_ENDPOINTS = 50;
/** After a rotation both secrets sign for so long: 24 h. */
export const ROTATION_MS = 24 * 60 * 60_000;

/** Who or what stopped the deliveries: somebody; the endpoint, by 410; five days of nothing but failure. */
export const DISABLED_BECAUSE = ["user", "gone", "failing"] as const;
export type DisabledBecause = (typeof DISABLED_BECAUSE)[number];

export type WebhookInput = {
  readonly url: string;
  readonly description: string;
  /** Names of types, or beginnings that end in `*`; empty: all. */
  readonly eventTypes: readonly string[];
  readonly personalData: boolean;
  readonly enabled: boolean;
};

export type WebhookEndpointRecord = Omit<WebhookInput, "enabled"> & {
  readonly id: string;
  /** The newest first. */
  readonly sealedSecrets: readonly string[];
  /** When the older ones cease to sign; null: there is one. */
  readonly rotatedUntilMs: number | null;
  /** Null: it is enabled. */
  readonly disabled: { readonly atMs: number; readonly because: DisabledBecause } | null;
  readonly createdBy: string;
};

export type NewWebhook = WebhookInput & Pick<WebhookEndpointRecord, "id" | "createdBy"> & { readonly sealedSecret: string };

type Written = Result<Stored<WebhookEndpointRecord>, WriteProblem>;

/** Every function @throws DatabaseUnavailable when Postgres does not answer in time. */
export type WebhookStore = {
  /** Filters: `enabled` (`true`, `false`). Ordered by id. */
  readonly list: (tenant: TenantId, page: PageRequest) => Promise<Page<Stored<WebhookEndpointRecord>>>;
  readonly get: (tenant: TenantId, id: string) => Promise<Stored<WebhookEndpointRecord> | null>;
  /** @returns `too_many` when the tenant has `MAX_ENDPOINTS`. */
  readonly create: (
    tenant: TenantId,
    endpoint: NewWebhook,
    nowMs: number,
  ) => Promise<Result<Stored<WebhookEndpointRecord>, "too_many" | "no_tenant">>;
  /** What is disabled already keeps when and why. */
  readonly put: (tenant: TenantId, id: string, input: WebhookInput, expected: Expected, nowMs: number) => Promise<Written>;
  readonly remove: (tenant: TenantId, id: string, expected: Expected) => Promise<Result<null, WriteProblem>>;
  /** The secret that was the newest goes on signing until `untilMs`; what was older ceases to. */
  readonly rotate: (
    tenant: TenantId,
    id: string,
    sealedSecret: string,
    expected: Expected,
    untilMs: number,
  ) => Promise<Written>;
  readonly enable: (tenant: TenantId, id: string, expected: Expected) => Promise<Written>;
  /**
   * Disables the endpoint as it was in this revision, or before: what was changed since, as by who enabled it again, is another matter.
   * @returns whether it is disabled by this: now, or when the same was said before.
   */
  readonly disable: (
    tenant: TenantId,
    id: string,
    disabled: Pick<Disabled, "because" | "atMs" | "revision">,
  ) => Promise<boolean>;
};
