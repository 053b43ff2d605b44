/** Encrypting anew what is stored, under the current key. */

/** Tables with encrypted values, in the order in which they are gone through. */
export const ROTATION_PARTS = ["users", "invitations", "trunk_secrets", "webhook_endpoints", "session_events"] as const;
export type RotationPart = (typeof ROTATION_PARTS)[number];

export type RotationBatch = {
  /** Rows that have something encrypted, or that should be. */
  readonly seen: number;
  /** Those of them that are not under the current key. */
  readonly stale: number;
  /** Those of these that were written; the others were changed by somebody meanwhile. */
  readonly written: number;
  /** Those that do not open: their key is not in the ring, or they are damaged. They are left as they are. */
  readonly unreadable: number;
  /** Where to go on; null: that was all. */
  readonly next: string | null;
};
