/** Every read of the event store's objects: counted, so that a page can bound its work and say what it took, and never waited for without end. */
import { inTime } from "../../platform/deadline.ts";

/** R2 answers in tens of milliseconds; what takes this long has failed. */
export const R2_DEADLINE_MS = 10_000;

/** The part of a bucket that reading takes; also what a local runtime offers from outside the Worker. */
export type ReadBucket = Pick<R2Bucket, "get">;

export type ByteRange = { readonly offset: number; readonly length: number };

export type ObjectRead =
  | { readonly tag: "found"; readonly bytes: Uint8Array; readonly etag: string }
  | { readonly tag: "missing" }
  /** The object ends before the range begins: it is not the one that the range was meant for. */
  | { readonly tag: "out_of_range" };

/** R2's error 10039, InvalidRange (developers.cloudflare.com/r2/api/error-codes). */
const OUT_OF_RANGE = "(10039)";

export class ReadMeter {
  /** Reads asked for, those that found nothing included: each is a Class B operation. */
  reads = 0;
  /** Bytes that came. */
  bytes = 0;
  readonly #bucket: ReadBucket;
  readonly #keys = new Set<string>();

  constructor(bucket: ReadBucket) {
    this.#bucket = bucket;
  }

  /** Different objects among those: several ranges of one are one. */
  get objects(): number {
    return this.#keys.size;
  }

  /**
   * Reads an object or a range of it. A range that goes beyond the end brings what there is.
   * @throws DeadlineMissed, or what the bucket throws: nothing is known of the object then.
   */
  async get(key: string, range?: ByteRange): Promise<ObjectRead> {
    this.reads += 1;
    this.#keys.add(key);
    try {
      return await inTime(this.#read(key, range), R2_DEADLINE_MS);
    } catch (error) {
      if (range !== undefined && error instanceof Error && error.message.includes(OUT_OF_RANGE)) return { tag: "out_of_range" };
      throw error;
    }
  }

  async #read(key: string, range: ByteRange | undefined): Promise<ObjectRead> {
    const stored = await this.#bucket.get(key, range === undefined ? {} : { range });
    if (stored === null) return { tag: "missing" };
    const bytes = new Uint8Array(await stored.arrayBuffer());
    this.bytes += bytes.length;
    return { tag: "found", bytes, etag: stored.etag };
  }
}
