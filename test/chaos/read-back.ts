/** Holds what the event store has against what was acknowledged. */
import { type EventsLine, OPERATOR_PATHS, type Period } from "../../contracts/operator.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { LANES, type Lanes } from "../../local/operator/lane-client.ts";
import { flush } from "../../local/verify/collect.ts";
import type { Stage } from "../proofs/stage.ts";
import type { PlacedCall } from "./load/messages.ts";

const MAX_EVENTS = 100;
const ASK_DEADLINE_MS = 10_000;

/** Of one session: that it was opened, and the ids of the reports on it, as often as they are there. */
type Kept = { isOpened: boolean; readonly reports: Map<string, number> };

export type Missing = {
  readonly sessions: readonly string[];
  /** `<session> <report>`: acknowledged and not there. */
  readonly reports: readonly string[];
  /** There more than once. */
  readonly repeated: readonly string[];
};

type EventFacts = Pick<CloudEvent, "type" | "data">;

function note(kept: Kept, { type, data }: EventFacts): void {
  if (type.endsWith(".call.received.v1")) kept.isOpened = true;
  const report = data["reportId"];
  if (typeof report === "string") kept.reports.set(report, (kept.reports.get(report) ?? 0) + 1);
}

async function keptIn(lanes: Lanes, period: Period): Promise<Map<string, Kept>> {
  const all = new Map<string, Kept>();
  const query = new URLSearchParams({ fromMs: String(period.fromMs), toMs: String(period.toMs) });
  const seen = new Set<string>();
  for (const lane of LANES)
    for await (const line of lanes[lane].lines<EventsLine>("GET", `${OPERATOR_PATHS.events}?${query}`)) {
      if (!("event" in line) || seen.has(line.event.id)) continue;
      seen.add(line.event.id);
      const { subject } = line.event;
      const kept = all.get(subject) ?? { isOpened: false, reports: new Map<string, number>() };
      all.set(subject, kept);
      note(kept, line.event);
    }
  return all;
}

function missingIn(kept: ReadonlyMap<string, Kept>, calls: readonly PlacedCall[]): Missing {
  const missing = { sessions: [] as string[], reports: [] as string[], repeated: [] as string[] };
  for (const { id, acknowledged } of calls) {
    if (id === null) continue;
    const own = kept.get(id);
    if (own?.isOpened !== true) missing.sessions.push(id);
    for (const [report] of acknowledged) {
      const times = own?.reports.get(report) ?? 0;
      if (times === 0) missing.reports.push(`${id} ${report}`);
      if (times > 1) missing.repeated.push(`${id} ${report}`);
    }
  }
  return missing;
}

/** A session as its object, the log and R2 together have it; null: nobody has it, or nobody answers. */
async function askedFor({ system }: Pick<Stage, "system">, id: string): Promise<Kept | null> {
  const answer = await fetch(`${system.gateUrl}/v1/sessions/${id}/events?limit=${MAX_EVENTS}`, {
    headers: { authorization: `Bearer ${system.apiKeys.demo}` },
    signal: AbortSignal.timeout(ASK_DEADLINE_MS),
  }).catch(() => null);
  if (answer === null || !answer.ok) return null;
  const kept: Kept = { isOpened: false, reports: new Map() };
  for (const event of ((await answer.json()) as { items: readonly EventFacts[] }).items) note(kept, event);
  return kept;
}

/**
 * Whether every session that was answered with 2xx, and every report on one, is somewhere after everything has gone to R2: there, or
 * where whoever asks the API is told of it. That it is not in R2 yet is for the comparison of the stores to say.
 */
export async function missingOf(stage: Stage, calls: readonly PlacedCall[], period: Period): Promise<Missing> {
  await flush(stage.lanes);
  const kept = await keptIn(stage.lanes, period);
  const { sessions, reports } = missingIn(kept, calls);
  for (const id of new Set([...sessions, ...reports.map((text) => text.split(" ")[0]!)])) {
    const asked = await askedFor(stage, id);
    if (asked !== null) kept.set(id, asked);
  }
  return missingIn(kept, calls);
}
