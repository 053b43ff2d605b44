/** gzip (RFC 1952) through the platform's streams. One member at a time: the streams' decoder refuses concatenated members. */
import { gunzipSync } from "node:zlib";

export async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Throws when the bytes are not exactly one intact gzip member. */
export async function gunzip(member: Uint8Array): Promise<string> {
  const stream = new Blob([member as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const utf8 = new TextDecoder();

/**
 * Any number of concatenated members at once. For whoever reads much: a stream per member takes some times as long. Holds the isolate
 * for as long as it takes, some milliseconds per megabyte.
 * @throws when the bytes are not exactly intact members.
 */
export function gunzipMembers(members: Uint8Array): string {
  return utf8.decode(gunzipSync(members));
}
