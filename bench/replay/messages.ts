/** What `bench -- replay` asks of the process that has the bucket. */

/** @property callsPerHour of the tenant whose calls are replayed; @property othersPerHour of another, in the same segments. */
export type FillSpec = {
  readonly fromMs: number;
  readonly hours: number;
  readonly callsPerHour: number;
  readonly othersPerHour: number;
};

export type Filled = { readonly type: "filled"; readonly segments: number; readonly events: number; readonly bytes: number };
