/**
 * gzip (RFC 1952), one member per block. By the library and not by the platform's streams: a stream per block takes some times as long, and
 * the streams' decoder refuses concatenated members. Holds the isolate for as long as it takes, some milliseconds per megabyte.
 */
import { gunzipSync, gzipSync } from "node:zlib";

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/** Half the time, and a quarter more bytes, for what is read and written again within hours. */
export const FAST = 1;
/** What zlib does unless told otherwise. */
const THOROUGH = 6;

/** One member. The same text gives the same bytes: no time and no name is in it. @param level of zlib. */
export function gzip(text: string, level: typeof FAST | typeof THOROUGH = THOROUGH): Uint8Array {
  return new Uint8Array(gzipSync(toUtf8.encode(text), { level }));
}

/** Throws when the bytes are not intact members; any number of them, one behind the other. */
export function gunzipMembers(members: Uint8Array): string {
  return utf8.decode(gunzipSync(members));
}
