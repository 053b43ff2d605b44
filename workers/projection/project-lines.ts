/** Projects lines of the event log into the tables. */
import type { Position } from "../../adapters/postgres/sessions/project.ts";
import type { Projected } from "../../domain/sessions/feed.ts";
import { type Skipped, foldEvents } from "../../domain/sessions/projection.ts";
import { parseLines } from "./parse-lines.ts";
import type { ProjectorDeps } from "./ports.ts";

const MS_PER_S = 1_000;
/** Named in one line of the log; all are counted. */
const MAX_NAMED = 20;

function tellWhatIsLeftOut({ meter, log }: ProjectorDeps, shard: string, bad: number, skipped: readonly Skipped[]): void {
  if (bad + skipped.length === 0) return;
  meter.count("trunkline_projection_events_total", { outcome: "left_out" }, bad + skipped.length);
  const named = skipped.slice(0, MAX_NAMED).map(({ id, reason }) => ({ id, reason }));
  log("error", "events that cannot be projected were left out", { shard, bad, skipped: skipped.length, named });
}

/**
 * @returns how far each session of these lines is projected now.
 * @param position where the projection is when these lines are in the tables; null while more of the same is to come.
 * @throws DatabaseUnavailable; then lines may be in the tables, and may be projected again.
 */
export async function projectLines(
  deps: ProjectorDeps,
  shard: string,
  lines: readonly string[],
  position: Position | null,
): Promise<readonly Projected[]> {
  const { events, bad } = parseLines(lines);
  const skipped = await deps.store.project(events, position);
  tellWhatIsLeftOut(deps, shard, bad, skipped);
  deps.meter.count("trunkline_projection_events_total", { outcome: "projected" }, events.length - skipped.length);
  const { sessions, events: folded } = foldEvents(events);
  const oldestMs = folded.reduce((oldest, { recordedMs }) => Math.min(oldest, recordedMs), Number.POSITIVE_INFINITY);
  if (sessions.length === 0) return [];
  deps.meter.observe("trunkline_projection_delay_seconds", {}, Math.max(0, deps.clock.nowMs() - oldestMs) / MS_PER_S);
  return sessions.map(({ id, tenant, sequence }) => ({ id, tenant, sequence }));
}
