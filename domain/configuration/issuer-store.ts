/** The port to the issuers of tokens that a tenant has brought. In force as soon as their snapshot is, apart from any version. */
import type { TenantIssuer } from "../identity/tenant-issuer.ts";
import type { TenantId } from "../shared/ids.ts";
import type { Result } from "../shared/result.ts";
import type { Expected, Page, PageRequest, Stored, WriteProblem } from "./store.ts";

/** Each is asked for its keys by every isolate that has to do with it. */
export const MAX_ISSUERS = 16;

export type IssuerStore = {
  /** No filters. Ordered by id. */
  readonly list: (tenant: TenantId, page: PageRequest) => Promise<Page<Stored<TenantIssuer>>>;
  readonly get: (tenant: TenantId, id: string) => Promise<Stored<TenantIssuer> | null>;
  readonly count: (tenant: TenantId) => Promise<number>;
  readonly put: (
    tenant: TenantId,
    issuer: TenantIssuer,
    expected: Expected,
  ) => Promise<Result<{ readonly stored: Stored<TenantIssuer>; readonly created: boolean }, WriteProblem>>;
  readonly remove: (tenant: TenantId, id: string, expected: Expected) => Promise<Result<null, WriteProblem>>;
};
