/** Messages that say which write caused them. Pure. */
import { eventFrame } from "../../durable-objects/call-session/live-history.ts";
import { type SessionEvent, toCloudEvent } from "../../domain/events/event.ts";
import type { EventId, SessionId, TenantId } from "../../domain/shared/ids.ts";

const PREFIX = "bench-";
const DIGITS = 6;

const idOf = (marker: number): string => PREFIX + String(marker).padStart(DIGITS, "0");

/** A carrier's report that is news every time: each destination of a failover rings anew. */
export const reportOf = (marker: number): string => JSON.stringify({ type: "ringing", id: idOf(marker) });

const SESSION = "019aa6a7-1f3c-7a00-8a00-0123456789ab" as SessionId;

/** The frame that a session sends for such a report: what others have to send too, to the byte but for the values. */
export function frameOf(marker: number): string {
  const event: SessionEvent = {
    id: "019aa6a7-1f3c-7a01-8a00-0123456789ab" as EventId,
    name: "call.ringing",
    sequence: 100,
    atMs: 1_700_000_000_123,
    recordedMs: 1_700_000_000_123,
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    data: { reportId: idOf(marker) },
  };
  return eventFrame(event.sequence, toCloudEvent(event, "demo" as TenantId, SESSION)).text;
}

/** Which write caused a message; null: none of ours. */
export function markerIn(message: Buffer): number | null {
  const at = message.indexOf(PREFIX);
  if (at === -1) return null;
  return Number(message.toString("latin1", at + PREFIX.length, at + PREFIX.length + DIGITS));
}

const SEQUENCE = '{"type":"event","sequence":';

/** What a client acknowledges an event by; null for any other frame. */
export function sequenceIn(message: Buffer): number | null {
  const head = message.toString("latin1", 0, SEQUENCE.length + 10);
  return head.startsWith(SEQUENCE) ? Number.parseInt(head.slice(SEQUENCE.length), 10) : null;
}
