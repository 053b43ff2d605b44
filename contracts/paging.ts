/** Lists page by page: `?limit=&cursor=`, answered with `{items, nextCursor?}`. */
import { stableHash } from "../domain/routing/stable-hash.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";

export const DEFAULT_PAGE_LIMIT = 50;
export const MAX_PAGE_LIMIT = 500;
/** Characters. */
const MAX_CURSOR = 1_024;

/** What a cursor is bound to: the list and its filters. */
export type ListIdentity = { readonly list: string; readonly filters: Readonly<Record<string, readonly string[]>> };

/**
 * Not a secret and not a right: what a cursor may reach is decided by who asks. The check only notices a cursor that was damaged, or
 * brought to another list.
 */
function checkOf({ list, filters }: ListIdentity, key: string): string {
  const names = Object.keys(filters).sort();
  const text = JSON.stringify([list, names.map((name) => [name, [...filters[name]!].sort()]), key]);
  return [0, 1].map((seed) => stableHash(text, seed).toString(16).padStart(8, "0")).join("");
}

const CHECK_LENGTH = 16;

/** Base64url (RFC 4648 §5), opaque to clients. @param key of the last item that they have. */
export function cursorOf(identity: ListIdentity, key: string): string {
  const bytes = new TextEncoder().encode(checkOf(identity, key) + key);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** The key after which the page begins. @param maxLength characters of a cursor of this list. */
export function parseCursor(identity: ListIdentity, cursor: string, maxLength = MAX_CURSOR): Result<string, "bad_cursor"> {
  if (cursor.length > maxLength || !/^[\w-]+$/.test(cursor)) return err("bad_cursor");
  try {
    const raw = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(raw, (character) => character.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const key = text.slice(CHECK_LENGTH);
    // No key has control characters; a made-up one that has would reach the database, which does not take them.
    if (/\p{Cc}/u.test(key)) return err("bad_cursor");
    // Written again it must be the same: other spellings of the same bytes are damage too.
    return cursorOf(identity, key) === cursor ? ok(key) : err("bad_cursor");
  } catch {
    return err("bad_cursor");
  }
}

/** @returns `bad_limit` for what is no whole number from 1 to `MAX_PAGE_LIMIT`. */
export function parseLimit(text: string | undefined): Result<number, "bad_limit"> {
  if (text === undefined) return ok(DEFAULT_PAGE_LIMIT);
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_PAGE_LIMIT ? ok(limit) : err("bad_limit");
}
