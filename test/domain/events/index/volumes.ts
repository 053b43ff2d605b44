/** Events as merged segments have them, and segments of them without their data. */
import type { MergedSegment } from "../../../../domain/events/index/catalogue.ts";
import { VolumeIndex } from "../../../../domain/events/index/volume.ts";
import { EVENTS_PER_BLOCK, chunks } from "../../../../domain/events/segment.ts";
import type { EventFacts, StoredLine } from "../../../../domain/events/stored.ts";
import { nextEventId, timeOfId } from "../../../../domain/shared/ids.ts";
import { bytesFrom } from "../../call/fixtures.ts";

export const DAY = "2026/03/14";
export const DAY_BEGIN_MS = Date.UTC(2026, 2, 14);
const TYPES = ["received", "ringing", "answered", "ended"];

/** Making noise takes longer than all the rest; ids differ by their time and counter anyway, and blocks are longer than this. */
const SAME_NOISE = 64;

export type Shape = {
  readonly count: number;
  readonly startMs: number;
  readonly stepMs: number;
  readonly tenant?: string;
  readonly sources?: number;
};

/** Calls of four events each, from and to some numbers, sorted by id; they happened half a second before they were stored. */
export function factsOfCalls({ count, startMs, stepMs, tenant = "acme", sources = 3 }: Shape): EventFacts[] {
  const random = bytesFrom(count + stepMs);
  let clock = { ms: 0, counter: 0 };
  let noise = random(16);
  return Array.from({ length: count }, (_, index): EventFacts => {
    const recordedMs = Math.floor(startMs + index * stepMs);
    if (index % SAME_NOISE === 0) noise = random(16);
    const next = nextEventId(clock, recordedMs, noise, "standard", { epoch: 15, number: 1 });
    clock = next.clock;
    const call = Math.floor(index / TYPES.length);
    return {
      id: next.id,
      tenant,
      subject: `call-${call}`,
      type: `call.${TYPES[index % TYPES.length]}`,
      source: `/pbx/${call % sources}`,
      caller: `+1555${String((call * 7919) % 10_000_000).padStart(7, "0")}`,
      callee: `+4420${call % 50}`,
      direction: call % 2 === 0 ? "inbound" : "outbound",
      status: "",
      atMs: recordedMs - 500,
    };
  });
}

export function linesOfCalls(shape: Shape): StoredLine[] {
  return factsOfCalls(shape).map((facts, index) => {
    const { id, tenant, subject, type, source, caller, callee, direction, atMs } = facts;
    const times = { time: new Date(atMs).toISOString(), recordedtime: new Date(timeOfId(id)).toISOString() };
    const data = { note: "é".repeat(index % 3), sipCode: 200 + (index % 4) };
    const event = { specversion: "1.0", id, source, type, subject, ...times, tenant, caller, callee, direction, data };
    return { facts, line: JSON.stringify(event) };
  });
}

/** As the writer makes it, with a made-up length for each block. */
export function segmentOf(key: string, facts: readonly EventFacts[]): MergedSegment & { readonly index: Uint8Array } {
  const volume = new VolumeIndex(true);
  for (const [number, block] of chunks(facts, EVENTS_PER_BLOCK).entries()) {
    for (const event of block) volume.add(event);
    volume.closeBlock(20_000 + number);
  }
  const { index, ...summary } = volume.finish();
  const terms = { key: `${key}.idx`, directory: index!.directory };
  return { key, level: "hour", storage: "Standard", ...summary, terms, index: index!.bytes };
}
