/** gzip (RFC 1952) through the platform's streams. One member at a time: the runtime's decoder refuses concatenated members. */

export async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Throws when the bytes are not exactly one intact gzip member. */
export async function gunzip(member: Uint8Array): Promise<string> {
  const stream = new Blob([member as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}
