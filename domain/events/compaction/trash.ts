/** Objects that nobody needs any more are noted first and deleted later: whoever read of them a moment ago may still open them. */
import { TRASH_PREFIX } from "../keys.ts";

/** Between the note and the deletion. Longer than any answer plans on what it has read. */
export const TRASH_GRACE_MS = 10 * 60_000;
/** What one note names: what can be deleted at once. */
export const MAX_NOTED_KEYS = 1_000;

export type TrashNote = {
  readonly format: 1;
  readonly keys: readonly string[];
  /**
   * The catalogue that named them: what it still names when their time has come is not deleted. So they are noted before it is replaced,
   * and none is forgotten or lost when that fails. Null: they are the shards'.
   */
  readonly catalogue: { readonly tenant: string; readonly day: string } | null;
  /** The calendar that named them as filters of months: likewise. */
  readonly calendar?: { readonly tenant: string; readonly year: string };
};

/** `YYYY-MM-DDTHH:MM:SS.mmmZ`: notes are listed in the order of their times. */
const TIME_LENGTH = 24;

/** @param digest of the keys. */
export function trashKey(notedMs: number, digest: string): string {
  return `${TRASH_PREFIX}${new Date(notedMs).toISOString()}-${digest}.json`;
}

/** When its objects may go, Unix milliseconds; null: this is no note. */
export function deletableMs(key: string): number | null {
  const notedMs = Date.parse(key.slice(TRASH_PREFIX.length, TRASH_PREFIX.length + TIME_LENGTH));
  return Number.isNaN(notedMs) ? null : notedMs + TRASH_GRACE_MS;
}

/** What of a note may go now. @param needed what somebody still reads: unread segments, manifests that a shard still names. */
export function splitNote(
  keys: readonly string[],
  needed: ReadonlySet<string>,
): { readonly gone: string[]; readonly kept: string[] } {
  const gone: string[] = [];
  const kept: string[] = [];
  for (const key of keys) (needed.has(key) ? kept : gone).push(key);
  return { gone, kept };
}
