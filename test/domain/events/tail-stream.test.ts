import { describe, expect, it } from "vitest";
import type { TailPlace } from "../../../contracts/events/tail.ts";
import type { Tail, TailChunk } from "../../../workers/events/tail.ts";
import { tailStream } from "../../../workers/events/tail-stream.ts";

const PLACE: TailPlace = { sinceMs: 1, offsets: new Map() };

async function* chunksOf(chunks: readonly TailChunk[], fails = false): AsyncGenerator<TailChunk, void> {
  yield* chunks;
  if (fails) throw new Error("R2 is away");
}

/** A tail that says what it is told, and what happened to it. */
function told(chunks: AsyncGenerator<TailChunk, void>): { stream: ReadableStream<Uint8Array>; happened: string[] } {
  const happened: string[] = [];
  const tail: Tail = { chunks, place: PLACE, stop: () => void happened.push("stopped") };
  const stream = tailStream(
    tail,
    ({ sinceMs }) => `at-${sinceMs}`,
    () => void happened.push("released"),
  );
  return { stream, happened };
}

describe("[QRY-7] a tail as server-sent events", () => {
  it("begins with a place, gives the last event of a burst the next one, and ends with a reason and when to come back", async () => {
    const { stream, happened } = told(
      chunksOf([
        { tag: "events", lines: ["{1}", "{2}"], place: { ...PLACE, sinceMs: 2 } },
        { tag: "events", lines: [], place: null },
        { tag: "events", lines: [], place: { ...PLACE, sinceMs: 3 } },
        { tag: "end", reason: "max_duration" },
      ]),
    );
    expect(await new Response(stream).text()).toBe(
      [
        "retry: 1000\n\nid: at-1\n\n",
        "data: {1}\n\nid: at-2\ndata: {2}\n\n",
        "id: at-3\n\n",
        'event: end\ndata: {"reason":"max_duration"}\n\nretry: 1000\n\n',
      ].join(""),
    );
    expect(happened).toEqual(["stopped", "released"]);
  });

  it("breaks off when what it follows cannot be read, and gives its place back", async () => {
    const { stream, happened } = told(chunksOf([], true));
    await expect(new Response(stream).text()).rejects.toThrow("R2 is away");
    expect(happened).toEqual(["stopped", "released"]);
  });

  it("stops when nobody reads any more, once", async () => {
    const { stream, happened } = told(chunksOf([{ tag: "events", lines: ["{1}"], place: null }]));
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(happened).toEqual(["stopped", "released"]);
  });
});
