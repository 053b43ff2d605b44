/** The same questions to stores of several sizes. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DAY_MS } from "../../../domain/events/keys.ts";
import { urlOf } from "../../lanes.ts";
import { startRuntime } from "../../runtime/runtime.ts";
import type { Clients } from "../clients.ts";
import { fillStore } from "../fill/fill.ts";
import { SHARDS } from "../fill/lines.ts";
import type { Filled } from "../fill/messages.ts";
import { DAYS, type FillSpec } from "../fill/plan.ts";
import { runEvents } from "../load/load.ts";
import { INGEST_PATH, standardLane } from "../variants.ts";
import { type Asked, askAll } from "./ask.ts";
import { type Exported, exportAll } from "./export.ts";
import { questionsOf } from "./questions.ts";

/** Sent to the running system before it is asked, so that its shards have something too. */
const LIVE_REQUESTS = 20;
const LIVE_PER_REQUEST = 100;

export type Size = {
  readonly events: number;
  readonly filled: Omit<Filled, "samples">;
  readonly asked: readonly Asked[];
  /** Null: not measured at this size. */
  readonly exported: Exported | null;
};

/** @property times each question is asked; @property withExport whether everything is exported at the end. */
export type SizePlan = { readonly events: number; readonly times: number; readonly withExport: boolean };

export async function measureSize(
  { workspace, headers }: Clients,
  { events, times, withExport }: SizePlan,
  progress: (text: string) => void,
): Promise<Size> {
  const todayMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const spec: FillSpec = { firstDayMs: todayMs - DAYS * DAY_MS, events };
  const persistence = join(workspace.folder, `events-${events}`);
  const worker = await standardLane(workspace, { INTAKE_SHARDS: String(SHARDS) });
  progress(`${events} events: storing them`);
  const { samples, ...filled } = await fillStore(workspace, worker, persistence, spec);
  progress(`${events} events: ${filled.seconds.toFixed(0)} s, ${(filled.bytes / 2 ** 20).toFixed(0)} MB; asking`);
  const runtime = await startRuntime(workspace, [worker], persistence);
  try {
    const url = urlOf(worker, INGEST_PATH);
    const live = { url, clients: headers, perRequest: LIVE_PER_REQUEST, connections: 4, warmUp: 0, requests: LIVE_REQUESTS };
    const { errors } = await runEvents(workspace, { ...live, perSecond: null, patient: true });
    if (Object.keys(errors).length > 0) throw new Error(`events were not taken: ${JSON.stringify(errors)}`);
    const asked = await askAll(url, headers, questionsOf(spec, samples, times));
    const exported = withExport ? await exportAll({ url, headers: headers[0]! }, spec, runtime) : null;
    return { events, filled, asked, exported };
  } finally {
    await runtime.stop();
    rmSync(persistence, { recursive: true, force: true, maxRetries: 3 });
  }
}
