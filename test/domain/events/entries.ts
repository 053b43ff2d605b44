import { nextEventId } from "../../../domain/shared/ids.ts";
import type { LogEntry } from "../../../domain/events/segment.ts";
import { bytesFrom } from "../call/fixtures.ts";

/** `count` events of calls of eight events each, `stepMs` apart. @param tenants take turns, call by call. */
export function entriesFrom(startMs: number, count: number, stepMs: number, tenants: readonly string[] = ["acme"]): LogEntry[] {
  const random = bytesFrom(count + stepMs);
  let clock = { ms: 0, counter: 0 };
  return Array.from({ length: count }, (_, index) => {
    const next = nextEventId(clock, startMs + index * stepMs, random(16), "standard", { epoch: 0, number: 3 });
    clock = next.clock;
    const call = Math.floor(index / 8);
    const subject = `call-${call}`;
    const time = new Date(startMs + index * stepMs).toISOString();
    const tenant = tenants[call % tenants.length]!;
    const event = {
      id: next.id,
      source: `/tenants/${tenant}/calls`,
      type: "call.ringing",
      subject,
      time,
      caller: `+49${call}`,
    };
    return { id: next.id, subject, line: JSON.stringify({ ...event, index }) };
  });
}
