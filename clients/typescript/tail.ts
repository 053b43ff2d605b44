/** New events over server-sent events (WHATWG HTML, section 9.2), for ever: a line that breaks is opened again where it was. */
import type { Event } from "./generated.ts";
import type { Requests } from "./requests.ts";
import { textLines } from "./text-lines.ts";

/** The server says something every 15 s; a line that is silent for longer than this is dead. */
const SILENCE_MS = 45_000;
/** After a resumption an event may come again; so many are remembered. */
const MAX_REMEMBERED = 5_000;

type Message = { readonly name: string; readonly data: string; readonly id: string | null };

/** Of an answer in `text/event-stream`. Messages without data only say how far the reader is. */
async function* messages(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Message, void, undefined> {
  let [name, id]: [string, string | null] = ["message", null];
  let data: string[] = [];
  for await (const line of textLines(reader)) {
    if (line === "") {
      yield { name, data: data.join("\n"), id };
      [name, id, data] = ["message", null, []];
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "id") id = value;
    else if (field === "event") name = value;
    // A comment: the line lives.
    else if (field === "") yield { name: "", data: "", id: null };
  }
}

class Remembered {
  readonly #ids = new Set<string>();

  /** @returns false for an id that was there before. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > MAX_REMEMBERED) for (const oldest of this.#ids) return this.#ids.delete(oldest);
    return true;
  }
}

/** A message, or nothing when the line has ended, broken or fallen silent. */
async function nextMessage(from: AsyncGenerator<Message, void, undefined>, hangUp: () => void): Promise<Message | null> {
  const timer = setTimeout(hangUp, SILENCE_MS);
  try {
    const { done, value } = await from.next();
    return done === true ? null : value;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** @param after the place to go on from; null: now. Throws `RequestRefused` when going on is of no use. */
export async function* follow(requests: Requests, query: string, after: string | null): AsyncGenerator<Event, void, undefined> {
  const remembered = new Remembered();
  let place = after;
  let failures = 0;
  const isOver = (): boolean => requests.options.signal?.aborted === true;
  while (!isOver()) {
    const headers = { Accept: "text/event-stream", ...(place === null ? {} : { "Last-Event-ID": place }) };
    const answer = await requests.send("GET", `/v1/events/tail?${query}`, { headers, attempts: Infinity });
    const reader = answer.body!.getReader();
    const line = messages(reader);
    try {
      for (;;) {
        const message = await nextMessage(line, () => void reader.cancel());
        if (message === null) break;
        failures = 0;
        if (message.name === "message" && message.data !== "") {
          const event = JSON.parse(message.data) as Event;
          if (remembered.add(event.id)) yield event;
        }
        // Only now: whoever has not taken the event gets it again.
        place = message.id ?? place;
      }
    } finally {
      await line.return().catch(() => {});
    }
    if (isOver()) return;
    await requests.pause(failures, null);
    failures += 1;
  }
}
