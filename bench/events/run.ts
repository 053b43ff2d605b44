/** `bench -- events`: how fast events are taken in and found again, against floor and peer, what it takes of memory, and what it costs. */
import { describeMachine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import { peerDatabase } from "../peer/database.ts";
import type { Workspace } from "../workspace.ts";
import { withClients } from "./clients.ts";
import { measureCost } from "./cost.ts";
import { CONNECTIONS, type Entry, ingestRounds } from "./ingest.ts";
import { type DayMerged, mergeADay } from "./merge/merge.ts";
import { planOf } from "./options.ts";
import { profileIngest } from "./profile.ts";
import { type Size, measureSize } from "./read/sizes.ts";
import { type EventsFigures, eventsReport } from "./report.ts";
import { sustain } from "./sustained.ts";
import { FLOOR, SYSTEM, peer } from "./variants.ts";

/** As deployed. */
const FLUSH_MS = 30_000;

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

export async function benchEvents(workspace: Workspace, options: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const plan = planOf(options);
  const clients = withClients(workspace, CONNECTIONS);
  const figures: { -readonly [Name in keyof EventsFigures]: EventsFigures[Name] } = { machine, rounds: plan.rounds };
  if (plan.parts.includes("ingest")) {
    const { single, batch } = plan;
    const entries: Entry[] = [
      { variant: FLOOR, sending: single },
      { variant: SYSTEM, sending: single },
      { variant: peer(peerDatabase(workspace)), sending: single },
      { variant: FLOOR, sending: batch },
      { variant: SYSTEM, sending: batch },
    ];
    figures.ingest = await ingestRounds(clients, entries, plan.rounds, progress);
    progress(`${plan.sustainedEvents} events through to R2`);
    figures.sustained = await sustain(clients, plan.sustainedEvents);
    if (options.diagnose) figures.profiles = [await profileIngest(clients, single), await profileIngest(clients, batch)];
  }
  const wantsExport = plan.parts.includes("memory");
  if (plan.parts.includes("read") || wantsExport) {
    const sizes: Size[] = [];
    const largest = Math.max(...plan.sizes);
    for (const events of plan.parts.includes("read") ? plan.sizes : [largest])
      sizes.push(
        await measureSize(clients, { events, times: plan.times, withExport: wantsExport && events === largest }, progress),
      );
    figures.sizes = sizes;
  }
  if (plan.parts.includes("memory")) {
    const days: DayMerged[] = [];
    for (const events of plan.mergedDays) {
      progress(`merging a day of ${events} events with a small heap`);
      days.push(await mergeADay(workspace, { events, hours: 24, flushMs: FLUSH_MS }));
    }
    figures.merged = days;
  }
  if (plan.parts.includes("cost")) {
    progress("counting what events cost");
    figures.cost = await measureCost(clients, plan.cost);
  }
  return eventsReport(figures);
}
