/** What `bench -- events` asks of the process that fills a store. */
import type { TenantId } from "../../../domain/shared/ids.ts";
import type { FillSpec } from "./plan.ts";

/** Makes everything of one tenant's day. @property day from 0 on. */
export type MakeDay = { readonly tenant: TenantId; readonly day: number; readonly spec: FillSpec };

export type MadeObject = { readonly key: string; readonly bytes: Uint8Array };

export type MadeDay = {
  readonly tenant: TenantId;
  /** `YYYY/MM/DD`. */
  readonly day: string;
  /** Days on which its events happened. */
  readonly occurs: readonly string[];
  readonly events: number;
  readonly objects: readonly MadeObject[];
  readonly samples: Samples;
};

/** Events and calls of the tenant that is asked, spread over everything that is stored. */
export type Samples = {
  readonly ids: readonly string[];
  readonly callIds: readonly string[];
  /** From 0 on. */
  readonly dayOfCall: Readonly<Record<string, number>>;
};

export type FillJob = {
  readonly type: "fill";
  readonly spec: FillSpec;
  /** Where the Worker's objects are, and the bucket's name there. */
  readonly persistence: string;
  readonly bucket: string;
};

export type Filled = {
  readonly type: "filled";
  readonly seconds: number;
  /** Of all tenants. */
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  readonly samples: Samples;
};

export type ToFill = FillJob;
export type FromFill = Filled | { readonly type: "failed"; readonly message: string };
