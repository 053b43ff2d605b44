/** What every live socket has, whichever object holds it. */
import type { Permission } from "../../domain/identity/principal.ts";
import type { TrunkId } from "../../domain/shared/ids.ts";

/** Whatever the credentials say, a socket lives at most this long: a revoked key or a changed role does not stay for ever. */
export const MAX_SOCKET_MS = 3_600_000;

/** Who holds the socket. Put into the socket's attachment (16 KiB at most), where it survives that the object leaves memory. */
export type Holder = {
  readonly subject: string;
  readonly permissions: readonly Permission[];
  readonly expiresMs: number;
  /** Credentials of one trunk: commands reach its sessions alone. */
  readonly trunk?: TrunkId;
};
