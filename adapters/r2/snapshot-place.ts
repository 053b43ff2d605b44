/**
 * The Cache API as a level of snapshots: what is immutable, for the isolates of one data centre. It propagates nothing, so no pointer is ever
 * in it. A cache of our own (`caches.open`) is not the one that answers requests from outside.
 * https://developers.cloudflare.com/workers/runtime-apis/cache/
 */
import type { Digested } from "./snapshot-objects.ts";

const CACHE_NAME = "trunkline-snapshots";
/** Names things in the cache alone; nobody resolves it (RFC 6761 §6.4). */
const HOST = "https://snapshots.invalid";
const DIGEST_HEADER = "trunkline-sha256";
/** What is not in force any more is forgotten after so long at the latest. */
export const PLACE_MAX_AGE_S = 24 * 3_600;

export type PlaceCache = {
  /** As it was put; null: it is not there. Not verified. */
  readonly get: (key: string) => Promise<Digested | null>;
  readonly put: (key: string, object: Digested) => Promise<void>;
  readonly delete: (key: string) => Promise<void>;
};

/**
 * @param storage `caches`; what a runtime has that knows none is undefined, or throws at each use.
 * @param deployment tells lanes and regions apart that share an account.
 */
export function placeCache(storage: CacheStorage | undefined, deployment: string): PlaceCache | null {
  if (storage === undefined) return null;
  const urlOf = (key: string): string => `${HOST}/${deployment}/${key}`;
  // Opened for each use: it costs nothing, and nothing that belongs to one request is used by another.
  const open = (): Promise<Cache> => storage.open(CACHE_NAME);
  return {
    async get(key) {
      const found = await (await open()).match(urlOf(key));
      if (found === undefined) return null;
      return { bytes: new Uint8Array(await found.arrayBuffer()), sha256: found.headers.get(DIGEST_HEADER) ?? "" };
    },
    async put(key, { bytes, sha256 }) {
      const headers = { "Cache-Control": `max-age=${PLACE_MAX_AGE_S}`, [DIGEST_HEADER]: sha256 };
      await (await open()).put(urlOf(key), new Response(bytes as Uint8Array<ArrayBuffer>, { headers }));
    },
    async delete(key) {
      await (await open()).delete(urlOf(key));
    },
  };
}
