/** A tail as a stream of server-sent events, made as fast as its reader takes them. */
import { within } from "../../adapters/platform/deadline.ts";
import { type TailPlace, commentFrame, eventFrame, noticeFrame, placeFrame, retryFrame } from "../../contracts/events/tail.ts";
import { MAX_TAIL_MS, type Tail, type TailChunk } from "./tail.ts";

/** Something is sent at least this often, so that nobody between takes the connection for dead. */
export const HEARTBEAT_MS = 15_000;
/** How long a reader waits before it comes back. */
export const RETRY_MS = 1_000;
/** A reader that has not taken the end by then is cut off. */
const STALLED_MS = MAX_TAIL_MS + 60_000;

/** With the last of the events goes how far the reader is. */
function frames(chunk: TailChunk, cursorOf: (place: TailPlace) => string): string {
  if (chunk.tag === "end") return noticeFrame("end", { reason: chunk.reason }) + retryFrame(RETRY_MS);
  const id = chunk.place === null ? null : cursorOf(chunk.place);
  if (chunk.lines.length === 0) return id === null ? "" : placeFrame(id);
  return chunk.lines.map((line, index) => eventFrame(line, index === chunk.lines.length - 1 ? id : null)).join("");
}

/** @param released is called once, when the tail has ended, however. */
export function tailStream(
  tail: Tail,
  cursorOf: (place: TailPlace) => string,
  released: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let awaited: Promise<IteratorResult<TailChunk, void>> | null = null;
  let stalled: ReturnType<typeof setTimeout> | null = null;
  let begun = false;

  function release(): void {
    if (stalled === null) return;
    clearTimeout(stalled);
    stalled = null;
    tail.stop();
    released();
  }

  /** Null: the end. */
  async function next(): Promise<string | null> {
    if (!begun) {
      begun = true;
      return retryFrame(RETRY_MS) + placeFrame(cursorOf(tail.place));
    }
    for (;;) {
      awaited ??= tail.chunks.next();
      const outcome = await within(awaited, HEARTBEAT_MS);
      if (!outcome.done) return commentFrame("heartbeat");
      awaited = null;
      if (outcome.value.done === true) return null;
      const text = frames(outcome.value.value, cursorOf);
      if (text !== "") return text;
    }
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      stalled = setTimeout(() => {
        controller.error(new Error("the reader does not read"));
        release();
      }, STALLED_MS);
    },
    async pull(controller) {
      try {
        const text = await next();
        if (text !== null) return controller.enqueue(encoder.encode(text));
        controller.close();
      } catch (error) {
        // It comes back to where it was.
        controller.error(error);
      }
      release();
    },
    cancel() {
      release();
    },
  });
}
