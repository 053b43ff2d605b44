/** Lines of the event log, parsed. What is no event is damage, and is left out; what an event has to be is told by the fold. */
import type { CloudEvent } from "../../domain/events/event.ts";

export type ParsedLines = { readonly events: readonly CloudEvent[]; readonly bad: number };

function parse(line: string): CloudEvent | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as CloudEvent) : null;
  } catch {
    return null;
  }
}

export function parseLines(lines: readonly string[]): ParsedLines {
  const events = lines.map(parse).filter((event) => event !== null);
  return { events, bad: lines.length - events.length };
}
