/** A minute after the faults the log has what sessions had on disk when they ended, also of calls that still live and say nothing. */
import { readTimeline } from "../../../durable-objects/call-session/timeline.ts";
import { viewOf } from "../../../durable-objects/call-session/view.ts";
import { isTombstone } from "../../../durable-objects/call-session/row.ts";
import { rowOf } from "./rows.ts";
import { Violation, type World } from "./world.ts";

const AGREE_MS = 60_000;

async function look(world: World, id: string, sequence: number): Promise<void> {
  const row = rowOf(world.session(id));
  if (row === null) return;
  const logs = { getByName: (shard: string) => world.logStub(shard) } as never;
  // Nothing of the session's own: what the log's head and its segments have.
  const { events } = await readTimeline({ logs, bucket: world.bucket as never }, viewOf(row), []);
  const known = new Set(events.map((event) => Number(event.sequence)));
  const missing = Array.from({ length: sequence }, (_, index) => index + 1).filter((each) => !known.has(each));
  if (missing.length > 0) world.found(new Violation(`a minute after the faults the log lacks event ${missing[0]} of ${id}`));
}

/** To be called when everything works again. */
export function watchHandingOver(world: World): void {
  for (const [id, host] of world.sessions) {
    const row = rowOf(host);
    if (row === null || isTombstone(row)) continue;
    world.scheduler.after(AGREE_MS, "has the log what was on disk?", () => {
      look(world, id, row.sequence).catch((error: unknown) => world.found(error));
    });
  }
}
