/** Everything that is stored, streamed out, and what it does to the memory of the process that sends it. */
import { DAY_MS } from "../../../domain/events/keys.ts";
import type { Target } from "../../load/client.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { DAYS, type FillSpec } from "../fill/plan.ts";

const LINE_FEED = 10;
const SAMPLE_EVERY_BYTES = 4 * 1024 * 1024;

export type Exported = {
  readonly seconds: number;
  readonly bytes: number;
  /** Without the last one, which tells that it is the end. */
  readonly events: number;
  readonly isWhole: boolean;
  /** Resident memory of the serving process: before, at most meanwhile, afterwards. It has the local R2 in it. */
  readonly residentBytes: { readonly before: number; readonly most: number; readonly after: number };
};

/** @throws when the answer is not 200. */
export async function exportAll({ url, headers }: Target, spec: FillSpec, runtime: Runtime): Promise<Exported> {
  const from = new Date(spec.firstDayMs).toISOString();
  const to = new Date(spec.firstDayMs + DAYS * DAY_MS).toISOString();
  const before = runtime.residentBytes();
  const startedMs = performance.now();
  const answer = await fetch(`${url}/export?${new URLSearchParams({ from, to, format: "ndjson" }).toString()}`, { headers });
  if (answer.status !== 200 || answer.body === null) throw new Error(`export: ${answer.status} ${await answer.text()}`);
  let [bytes, lines, most, sampledAt] = [0, 0, before, 0];
  let tail = Buffer.alloc(0);
  for await (const chunk of answer.body) {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    bytes += piece.length;
    for (let at = piece.indexOf(LINE_FEED); at !== -1; at = piece.indexOf(LINE_FEED, at + 1)) lines += 1;
    tail = Buffer.concat([tail, piece]).subarray(-1_000);
    if (bytes - sampledAt < SAMPLE_EVERY_BYTES) continue;
    sampledAt = bytes;
    most = Math.max(most, runtime.residentBytes());
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const last = tail.toString().trimEnd().split("\n").at(-1) ?? "";
  const isWhole = last.startsWith('{"end":');
  const after = runtime.residentBytes();
  return {
    seconds,
    bytes,
    events: isWhole ? lines - 1 : lines,
    isWhole,
    residentBytes: { before, most: Math.max(most, after), after },
  };
}
