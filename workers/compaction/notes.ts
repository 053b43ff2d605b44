/** What merging notes down for later runs: days that are to be merged, objects to be deleted, objects that are damaged. */
import { inTime } from "../../adapters/platform/deadline.ts";
import { MAX_NOTED_KEYS, type TrashNote, trashKey } from "../../domain/events/compaction/trash.ts";
import { DAMAGED_PREFIX, DAYS_PREFIX, FILTERS_PREFIX, TRASH_PREFIX } from "../../domain/events/keys.ts";
import { chunks } from "../../domain/events/segment.ts";
import { toHex } from "../../domain/shared/hex.ts";

const NOTE_DEADLINE_MS = 10_000;
/** Of a digest: enough to tell what one tenant merges in a day apart. */
const DIGEST_BYTES = 10;

export async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toHex(new Uint8Array(digest).subarray(0, DIGEST_BYTES));
}

/** All keys under a prefix, in their order. @param delimiter leaves out those that have it behind the prefix. @throws DeadlineMissed, or what the bucket throws. */
export async function listKeys(bucket: R2Bucket, prefix: string, delimiter?: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page: R2Objects = await inTime(
      bucket.list({
        prefix,
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
      NOTE_DEADLINE_MS,
    );
    keys.push(...page.objects.map(({ key }) => key));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return keys;
}

/** @throws as everything here: DeadlineMissed, or what the bucket throws. */
export async function readJson<T>(bucket: R2Bucket, key: string): Promise<T | null> {
  const read = async () => (await bucket.get(key))?.json<T>();
  return (await inTime(read(), NOTE_DEADLINE_MS)) ?? null;
}

export async function putJson(bucket: R2Bucket, key: string, value: unknown): Promise<void> {
  const put = bucket.put(key, JSON.stringify(value), { httpMetadata: { contentType: "application/json" } });
  await inTime(put, NOTE_DEADLINE_MS);
}

/** R2 deletes no more at once (https://developers.cloudflare.com/r2/api/workers/workers-api-reference/). */
const MAX_DELETED_AT_ONCE = 1_000;

/** However many there are. Those that are not there are none too many. @throws likewise, when some of them may be gone. */
export async function deleteKeys(bucket: R2Bucket, keys: readonly string[]): Promise<void> {
  for (const some of chunks(keys, MAX_DELETED_AT_ONCE)) await inTime(bucket.delete(some), NOTE_DEADLINE_MS);
}

/** Which tenants have something to be done in a day. */
export type DayNote = { readonly key: string; readonly day: string };
type StoredDayNote = { readonly format: 1; readonly tenants: readonly string[] };

async function note(bucket: R2Bucket, prefix: string, day: string, tenants: readonly string[]): Promise<string> {
  const key = `${prefix}${day}/${await digestOf(JSON.stringify(tenants))}.json`;
  await putJson(bucket, key, { format: 1, tenants } satisfies StoredDayNote);
  return key;
}

async function listNotes(bucket: R2Bucket, prefix: string): Promise<DayNote[]> {
  const keys = await listKeys(bucket, prefix);
  return keys.map((key) => ({ key, day: key.slice(prefix.length, prefix.length + "YYYY/MM/DD".length) }));
}

/** To be merged. @returns the note's key. */
export const noteDay = (bucket: R2Bucket, day: string, tenants: readonly string[]) => note(bucket, DAYS_PREFIX, day, tenants);
export const listDayNotes = (bucket: R2Bucket): Promise<DayNote[]> => listNotes(bucket, DAYS_PREFIX);

/** The filter of its month has to be made anew. @returns the note's key. */
export const noteFilter = (bucket: R2Bucket, day: string, tenants: readonly string[]) =>
  note(bucket, FILTERS_PREFIX, day, tenants);
export const listFilterNotes = (bucket: R2Bucket): Promise<DayNote[]> => listNotes(bucket, FILTERS_PREFIX);

export async function tenantsNoted(bucket: R2Bucket, notes: readonly DayNote[]): Promise<string[]> {
  const tenants = new Set<string>();
  for (const { key } of notes)
    for (const tenant of (await readJson<StoredDayNote>(bucket, key))?.tenants ?? []) tenants.add(tenant);
  return [...tenants].sort();
}

/**
 * From now on these may go when their time has come.
 * @param catalogue that names them, and is replaced behind this. @param calendar that may name them again.
 */
export async function noteTrash(
  bucket: R2Bucket,
  nowMs: number,
  keys: readonly string[],
  catalogue: TrashNote["catalogue"] = null,
  calendar: TrashNote["calendar"] | null = null,
): Promise<void> {
  for (const some of chunks([...keys].sort(), MAX_NOTED_KEYS)) {
    const trash: TrashNote = { format: 1, keys: some, catalogue, ...(calendar === null ? {} : { calendar }) };
    await putJson(bucket, trashKey(nowMs, await digestOf(JSON.stringify(some))), trash);
  }
}

export const listTrash = (bucket: R2Bucket): Promise<string[]> => listKeys(bucket, TRASH_PREFIX);

/** An object that could not be read whole: it is kept, so that somebody may look at it. */
export async function noteDamage(bucket: R2Bucket, key: string, reason: string): Promise<void> {
  await putJson(bucket, `${DAMAGED_PREFIX}${key}.json`, { format: 1, key, reason });
}

export async function damagedKeys(bucket: R2Bucket): Promise<Set<string>> {
  const keys = await listKeys(bucket, DAMAGED_PREFIX);
  return new Set(keys.map((key) => key.slice(DAMAGED_PREFIX.length, -".json".length)));
}
