/** `GET /v1/events/tail` on the wire: server-sent events (WHATWG HTML, section 9.2), and the cursor with which a reader goes on. */
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { type ListIdentity, cursorOf, parseCursor } from "../paging.ts";

export const EVENT_STREAM = "text/event-stream";
export const LAST_EVENT_ID_HEADER = "last-event-id";

/** Characters. Where places in so many shards do not fit, a cursor has the time alone. */
export const MAX_TAIL_CURSOR = 4_096;

/** How far a reader is: which offset comes next in which shard, and since when there may be something in a shard that is not named. */
export type TailPlace = { readonly sinceMs: number; readonly offsets: ReadonlyMap<string, number> };

const RADIX = 36;
const number = (value: number): string => value.toString(RADIX);

/** `<since>;<shards>:<number>.<offset>,…;…`: the names of shards differ in what stands behind their last dash. */
function keyOf({ sinceMs, offsets }: TailPlace): string {
  const names = [...offsets.keys()].sort();
  const groups = Map.groupBy(names, (name) => name.slice(0, name.lastIndexOf("-")));
  const texts = [...groups].map(([group, members]) => {
    const places = members.map((name) => `${name.slice(group.length + 1)}.${number(offsets.get(name)!)}`);
    return `${group}:${places.join(",")}`;
  });
  return [number(sinceMs), ...texts].join(";");
}

const NUMBER = /^[0-9a-z]{1,10}$/;

function parseNumber(text: string | undefined): number | null {
  const value = text !== undefined && NUMBER.test(text) ? Number.parseInt(text, RADIX) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

function parseGroup(text: string, into: Map<string, number>): boolean {
  const colon = text.lastIndexOf(":");
  if (colon < 1) return false;
  return text
    .slice(colon + 1)
    .split(",")
    .every((place) => {
      const dot = place.lastIndexOf(".");
      const offset = parseNumber(place.slice(dot + 1));
      if (dot < 1 || offset === null) return false;
      into.set(`${text.slice(0, colon)}-${place.slice(0, dot)}`, offset);
      return true;
    });
}

/** @param identity of the tail: its tenant and its filters. */
export function tailCursorOf(identity: ListIdentity, place: TailPlace): string {
  const whole = cursorOf(identity, keyOf(place));
  return whole.length <= MAX_TAIL_CURSOR ? whole : cursorOf(identity, keyOf({ ...place, offsets: new Map() }));
}

export function parseTailCursor(identity: ListIdentity, cursor: string): Result<TailPlace, "bad_cursor"> {
  const key = parseCursor(identity, cursor, MAX_TAIL_CURSOR);
  if (!key.ok) return key;
  const [since, ...groups] = key.value.split(";");
  const sinceMs = parseNumber(since);
  const offsets = new Map<string, number>();
  if (sinceMs === null || !groups.every((group) => parseGroup(group, offsets))) return err("bad_cursor");
  return ok({ sinceMs, offsets });
}

/** An event. @param line one line of JSON. @param id null: the reader is not further than before, should the connection break here. */
export function eventFrame(line: string, id: string | null): string {
  return id === null ? `data: ${line}\n\n` : `id: ${id}\ndata: ${line}\n\n`;
}

/** The reader is further, without an event. */
export const placeFrame = (id: string): string => `id: ${id}\n\n`;
export const retryFrame = (ms: number): string => `retry: ${ms}\n\n`;
export const commentFrame = (text: string): string => `: ${text}\n\n`;
/** Something else than an event. */
export const noticeFrame = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
