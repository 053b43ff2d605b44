/**
 * gzip (RFC 1952), one member per block. By the library and not by the platform's streams: a stream per block takes some times as long, and
 * the streams' decoder refuses concatenated members. Holds the isolate for as long as it takes, some milliseconds per megabyte.
 */
import { gunzipSync, gzipSync } from "node:zlib";

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/** One member. The same text gives the same bytes: no time and no name is in it. */
export function gzip(text: string): Uint8Array {
  return new Uint8Array(gzipSync(toUtf8.encode(text)));
}

/** Throws when the bytes are not intact members; any number of them, one behind the other. */
export function gunzipMembers(members: Uint8Array): string {
  return utf8.decode(gunzipSync(members));
}
