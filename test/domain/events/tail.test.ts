import { describe, expect, it } from "vitest";
import type { TailAnswer } from "../../../domain/events/shard.ts";
import { type StoredEvent, parseStored } from "../../../domain/events/stored.ts";
import { err, ok } from "../../../domain/shared/result.ts";
import { LATE_MS, type Tail, type TailChunk, type TailPorts, openTail } from "../../../workers/events/tail.ts";
import { DAY_OF_CALLS_MS as T, storedEvent } from "./stored-events.ts";

const SEGMENT = "events/2026/06/01/07/local-15-0-000000000001-0.jsonl.gz";
const SEGMENT_HOUR_MS = Date.UTC(2026, 5, 1, 7);

/** Shards that answer what they are told to answer, and nothing new afterwards. */
class Shards {
  readonly answers = new Map<string, TailAnswer[]>();
  names: string[] = [];
  readonly asked: { shard: string; from: number | null }[] = [];
  readonly scans: [fromMs: number, toMs: number | null][] = [];
  storedEvents: StoredEvent[] = [];
  segments = new Map<string, StoredEvent[]>();
  clockMs = T;
  readonly #begunMs = Date.now();

  add(name: string, ...answers: TailAnswer[]): void {
    this.names.push(name);
    this.answers.set(name, answers);
  }

  ports(): TailPorts {
    return {
      shardNames: async () => this.names,
      ask: async (shard, from) => {
        this.asked.push({ shard, from });
        if (from === null) return { next: 100, lines: [], segments: [], gap: false };
        const answer = this.answers.get(shard)?.shift();
        return answer ?? new Promise<TailAnswer>(() => {});
      },
      segment: async (key) => {
        const events = this.segments.get(key);
        return events === undefined ? err("missing") : ok(events.map((event) => JSON.stringify(event)));
      },
      stored: (fromMs, toMs) => {
        this.scans.push([fromMs, toMs]);
        const lines = this.storedEvents.map((event) => JSON.stringify(event));
        return (async function* () {
          yield lines;
        })();
      },
      reader: async () => (line) => ({ event: parseStored(line), line }),
      nowMs: () => this.clockMs + (Date.now() - this.#begunMs),
    };
  }
}

const event = (count: number): StoredEvent => storedEvent({ type: `n-${count}`, atMs: T, count });
const lines = (...counts: number[]): string[] => counts.map((count) => JSON.stringify(event(count)));
const answer = (next: number, given: Partial<TailAnswer> = {}): TailAnswer => ({
  next,
  lines: [],
  segments: [],
  gap: false,
  ...given,
});

/** Reads until so many events have come, and what place goes with the last of them. */
async function read(tail: Tail, count: number): Promise<{ types: string[]; last: TailChunk | undefined }> {
  const types: string[] = [];
  let last: TailChunk | undefined;
  for await (const chunk of tail.chunks) {
    last = chunk;
    if (chunk.tag === "end") break;
    types.push(...chunk.lines.map((line) => parseStored(line).type));
    if (types.length >= count && chunk.place !== null) break;
  }
  tail.stop();
  return { types, last };
}

describe("[QRY-7] a tail", () => {
  it("follows all shards from where they are, and says how far the reader is", async () => {
    const shards = new Shards();
    shards.add("local-0-0", answer(102, { lines: lines(1, 2) }));
    shards.add("local-15-0", answer(101, { lines: lines(3) }));
    const { types, last } = await read(await openTail(shards.ports(), null, Infinity), 3);
    expect(types.sort()).toEqual(["n-1", "n-2", "n-3"]);
    expect(last).toMatchObject({
      place: {
        offsets: new Map([
          ["local-0-0", 102],
          ["local-15-0", 101],
        ]),
      },
    });
    expect(shards.scans).toEqual([]);
  });

  it("resumes by offset, without looking anything up", async () => {
    const shards = new Shards();
    shards.add("local-0-0", answer(8, { lines: lines(7) }));
    const after = { sinceMs: T - 60_000, offsets: new Map([["local-0-0", 7]]) };
    expect((await read(await openTail(shards.ports(), after, Infinity), 1)).types).toEqual(["n-7"]);
    expect(shards.asked[0]).toEqual({ shard: "local-0-0", from: 7 });
    expect(shards.scans).toEqual([]);
  });

  it("reads the segments that hold what has left the head", async () => {
    const shards = new Shards();
    shards.segments.set(SEGMENT, [event(1), event(2)]);
    shards.add("local-15-0", answer(9, { segments: [SEGMENT] }), answer(10, { lines: lines(3) }));
    const after = { sinceMs: T, offsets: new Map([["local-15-0", 7]]) };
    const tail = await openTail(shards.ports(), after, Infinity);
    expect((await read(tail, 2)).types).toEqual(["n-1", "n-2"]);
    expect(shards.scans).toEqual([]);
  });

  it("looks through the hour of a segment that has been merged", async () => {
    const shards = new Shards();
    shards.storedEvents = [event(1)];
    shards.add("local-15-0", answer(9, { segments: [SEGMENT] }));
    const after = { sinceMs: T, offsets: new Map([["local-15-0", 7]]) };
    expect((await read(await openTail(shards.ports(), after, Infinity), 1)).types).toEqual(["n-1"]);
    expect(shards.scans).toEqual([[SEGMENT_HOUR_MS, SEGMENT_HOUR_MS + 3_600_000]]);
  });

  it("reads by time where nobody knows the offsets any more, and gives nothing twice soon after", async () => {
    const shards = new Shards();
    shards.storedEvents = [event(1), event(2)];
    shards.add("local-15-0", answer(50, { gap: true }), answer(52, { lines: lines(2, 3) }));
    const after = { sinceMs: T - 60_000, offsets: new Map([["local-15-0", 7]]) };
    expect((await read(await openTail(shards.ports(), after, Infinity), 3)).types).toEqual(["n-1", "n-2", "n-3"]);
    expect(shards.scans).toEqual([[T - 60_000 - LATE_MS, null]]);
  });

  it("reads by time what a shard took that the cursor does not know", async () => {
    const shards = new Shards();
    shards.storedEvents = [event(1)];
    shards.add("local-0-0");
    shards.add("local-0-1");
    const after = { sinceMs: T - 1_000, offsets: new Map([["local-0-0", 7]]) };
    const { types, last } = await read(await openTail(shards.ports(), after, Infinity), 1);
    expect(types).toEqual(["n-1"]);
    expect(shards.scans).toEqual([[T - 1_000 - LATE_MS, null]]);
    expect(last).toMatchObject({
      place: {
        offsets: new Map([
          ["local-0-1", 100],
          ["local-0-0", 7],
        ]),
      },
    });
  });

  it("goes on with the other shards while one fails, and asks that one again from the same place", async () => {
    const shards = new Shards();
    shards.add("local-0-0");
    shards.add("local-0-1", answer(101, { lines: lines(1) }));
    const ports = shards.ports();
    const failing = {
      ...ports,
      ask: (shard: string, from: number | null, waitMs: number) =>
        shard === "local-0-0" && from !== null ? Promise.reject(new Error("away")) : ports.ask(shard, from, waitMs),
    };
    const { types, last } = await read(await openTail(failing, null, Infinity), 1);
    expect(types).toEqual(["n-1"]);
    expect(last).toMatchObject({
      place: {
        offsets: new Map([
          ["local-0-0", 100],
          ["local-0-1", 101],
        ]),
      },
    });
  });

  it("ends when the credentials do, and by itself", async () => {
    const shards = new Shards();
    shards.add("local-0-0");
    expect((await read(await openTail(shards.ports(), null, T), 1)).last).toEqual({
      tag: "end",
      reason: "credentials_expired",
    });
    const tail = await openTail(shards.ports(), null, Infinity);
    shards.clockMs += 16 * 60_000;
    expect((await read(tail, 1)).last).toEqual({ tag: "end", reason: "max_duration" });
  });

  it("asks nobody while nobody reads", async () => {
    const shards = new Shards();
    shards.add("local-0-0", answer(101, { lines: lines(1) }), answer(102, { lines: lines(2) }));
    const tail = await openTail(shards.ports(), null, Infinity);
    await tail.chunks.next();
    expect(shards.asked).toHaveLength(1);
    await tail.chunks.next();
    expect(shards.asked).toHaveLength(2);
    tail.stop();
  });
});
