import type { SessionId } from "../shared/ids.ts";

/** The last eight hex digits of a session id are random or a digest's: uniform, and the same for a repetition of the call. */
export function seedOf(session: SessionId): number {
  return Number.parseInt(session.slice(-8), 16);
}
