import { nextEventId } from "../../../domain/shared/ids.ts";
import type { LogEntry } from "../../../domain/events/segment.ts";
import { bytesFrom } from "../call/fixtures.ts";

/** `count` events of calls of eight events each, `stepMs` apart. */
export function entriesFrom(startMs: number, count: number, stepMs: number): LogEntry[] {
  const random = bytesFrom(count + stepMs);
  let clock = { ms: 0, counter: 0 };
  return Array.from({ length: count }, (_, index) => {
    const next = nextEventId(clock, startMs + index * stepMs, random(16), "standard", { epoch: 0, number: 3 });
    clock = next.clock;
    const subject = `call-${Math.floor(index / 8)}`;
    return { id: next.id, subject, line: JSON.stringify({ id: next.id, subject, index }) };
  });
}
