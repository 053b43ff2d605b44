/** How many calls a trunk, a destination or a tenant may have. */

/** How many calls there may be. Emergency calls count, and are never refused. */
export type CapacityPolicy = {
  /** At once; null: no bound. */
  readonly maxCalls: number | null;
  /** Begun within any second; null: no bound. */
  readonly maxCallsPerSecond: number | null;
  /** How many of `maxCalls` are kept free by calls of less weight: what is reserved for `high` is also open to emergency calls, and so on. */
  readonly reserved: { readonly emergency: number; readonly high: number; readonly normal: number };
};

/** Of whatever says nothing about it. */
export const UNBOUNDED: CapacityPolicy = {
  maxCalls: null,
  maxCallsPerSecond: null,
  reserved: { emergency: 0, high: 0, normal: 0 },
};
