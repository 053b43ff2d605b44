/**
 * What has been sent to a socket and not been acknowledged. The platform does not tell what its buffer holds for a client that has
 * stopped reading, and buffers without bound: so a client says what it has taken, and is sent no more than this ahead of it.
 */

/** Frames sent and not acknowledged, at most. */
export const MAX_BEHIND = 256;
/** Characters of them. One frame that is longer goes when nothing else is under way. */
export const MAX_BEHIND_BYTES = 256 * 1024;
/** Characters for all sockets of an object together, should all of their clients stop reading: it has 128 MB in all. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** So many frames share one mark: the state stays small enough to be written with every frame. */
const FRAMES_PER_MARK = 16;

/** A run of frames: the key of the last one, how many, and their length in characters. */
type Mark = readonly [key: number, frames: number, bytes: number];

/** `last` is the key of the last frame that was sent. Keys never fall. */
export type Flow = { readonly last: number; readonly marks: readonly Mark[] };

export function flowFrom(last: number): Flow {
  return { last, marks: [] };
}

export function afterSending(flow: Flow, key: number, bytes: number): Flow {
  const open = flow.marks.at(-1);
  if (open === undefined || open[1] >= FRAMES_PER_MARK) return { last: key, marks: [...flow.marks, [key, 1, bytes]] };
  return { last: key, marks: [...flow.marks.slice(0, -1), [key, open[1] + 1, open[2] + bytes]] };
}

/** A run counts until its last frame is acknowledged. A key that was never sent acknowledges nothing. @returns `flow` when nothing changes. */
export function afterAcknowledgement(flow: Flow, key: number): Flow {
  if (key > flow.last) return flow;
  const marks = flow.marks.filter(([last]) => last > key);
  return marks.length === flow.marks.length ? flow : { ...flow, marks };
}

/** How far a client may be behind where an object has so many sockets, in characters. */
export function behindBytes(sockets: number): number {
  return Math.min(MAX_BEHIND_BYTES, Math.floor(MAX_HELD_BYTES / Math.max(1, sockets)));
}

/** Whether another frame of this length has to wait. @param maxBytes see `behindBytes`. */
export function isFull(flow: Flow, bytes: number, maxBytes: number = MAX_BEHIND_BYTES): boolean {
  let frames = 0;
  let held = 0;
  for (const mark of flow.marks) {
    frames += mark[1];
    held += mark[2];
  }
  return frames >= MAX_BEHIND || (frames > 0 && held + bytes > maxBytes);
}
