/** Reading what others send without holding more of it than is wanted. */
import { concatenate } from "./bytes.ts";

/** Null when there is more than `limit` bytes. Stops reading there: a sender cannot make us hold what we shall refuse. */
export async function readBounded(stream: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array | null> {
  if (stream === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
  return concatenate(parts, length);
}
