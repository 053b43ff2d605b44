/** Answers of any size, made as fast as they are taken: what is held does not grow with what is sent. */
import { EXPORT_LIMITS, type ScanLimits } from "./scan.ts";

/** A request may ask R2 and objects 10,000 times; the shards and some retries take the rest. */
const MAX_DOWNLOAD_READS = 9_000;
/** Events that are written out together. */
export const CHUNK_EVENTS = 256;

export const DOWNLOAD_LIMITS: ScanLimits = { ...EXPORT_LIMITS, maxReads: MAX_DOWNLOAD_READS };

export const CSV = "text/csv; charset=utf-8; header=present";

/** A body that ends before its end: without a way to say so in it, it breaks off. */
export class TooMuchForOneRequest extends Error {
  override readonly name = "TooMuchForOneRequest";
}

/**
 * The same chunks, the first of which is made already: what cannot be begun is an answer of its own, and what fails later breaks the body off.
 * @throws what the first chunk throws.
 */
export async function begun(chunks: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await chunks.next();
  return (async function* () {
    try {
      if (first.done !== true) yield first.value;
      yield* chunks;
    } finally {
      await chunks.return(undefined);
    }
  })();
}
