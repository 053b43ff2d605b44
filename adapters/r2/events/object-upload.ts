/**
 * Writes an object of any size while holding one part of it. What fits into a part is one put; what does not is a multipart upload, whose
 * parts R2 wants equally long but for the last (developers.cloudflare.com/r2/objects/multipart-objects).
 */
import { toHex } from "../../../domain/shared/hex.ts";
import { inTime } from "../../platform/deadline.ts";
import { sha256 } from "../snapshot-objects.ts";
import { R2_DEADLINE_MS } from "./reads.ts";

export const PART_BYTES = 8 * 1024 * 1024;
const FIRST_CAPACITY = 64 * 1024;

export type WriteBucket = Pick<R2Bucket, "put" | "head" | "createMultipartUpload">;
export type ObjectOptions = Pick<R2MultipartOptions, "httpMetadata" | "storageClass">;

/**
 * Puts an immutable object whose name follows from its content. Where the same bytes stand already, an earlier attempt has put them.
 * Others, of an attempt that compressed otherwise, were never named by a catalogue, and are replaced.
 * @throws DeadlineMissed, or what the bucket throws. Putting again is safe.
 */
export async function putOnce(
  bucket: Pick<R2Bucket, "put" | "head">,
  key: string,
  bytes: Uint8Array,
  options: ObjectOptions,
): Promise<void> {
  const digest = toHex(await sha256(bytes));
  const put = (conditions: Pick<R2PutOptions, "onlyIf">) =>
    inTime(bucket.put(key, bytes, { ...options, ...conditions, sha256: digest }), R2_DEADLINE_MS);
  if ((await put({ onlyIf: { etagDoesNotMatch: "*" } })) !== null) return;
  const there = await inTime(bucket.head(key), R2_DEADLINE_MS);
  const known = there?.checksums.sha256;
  if (known === undefined || toHex(new Uint8Array(known)) !== digest) await put({});
}

export class ObjectUpload {
  /** The most that was held at once. */
  peakBytes = 0;
  readonly #bucket: WriteBucket;
  readonly #key: string;
  readonly #options: ObjectOptions;
  readonly #partBytes: number;
  #part: Uint8Array;
  #filled = 0;
  #upload: R2MultipartUpload | null = null;
  readonly #parts: R2UploadedPart[] = [];

  /** @param partBytes at least 5 MiB, as R2 asks. */
  constructor(bucket: WriteBucket, key: string, options: ObjectOptions, partBytes = PART_BYTES) {
    this.#bucket = bucket;
    this.#key = key;
    this.#options = options;
    this.#partBytes = partBytes;
    this.#part = new Uint8Array(Math.min(FIRST_CAPACITY, partBytes));
  }

  #room(size: number): void {
    if (size > this.#part.length) {
      const wider = new Uint8Array(Math.min(this.#partBytes, Math.max(size, this.#part.length * 2)));
      wider.set(this.#part.subarray(0, this.#filled));
      this.#part = wider;
    }
    this.peakBytes = Math.max(this.peakBytes, this.#part.length);
  }

  /** @throws DeadlineMissed, or what the bucket throws: then there is no object, and `abort` should be called. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      // A part goes when more is to come: the last one must not be empty.
      if (this.#filled === this.#partBytes) await this.#uploadPart();
      const piece = bytes.subarray(at, at + this.#partBytes - this.#filled);
      this.#room(this.#filled + piece.length);
      this.#part.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
    }
  }

  async #uploadPart(): Promise<void> {
    this.#upload ??= await inTime(this.#bucket.createMultipartUpload(this.#key, this.#options), R2_DEADLINE_MS);
    const upload = this.#upload.uploadPart(this.#parts.length + 1, this.#part.subarray(0, this.#filled));
    this.#parts.push(await inTime(upload, R2_DEADLINE_MS));
    this.#filled = 0;
  }

  /** @throws DeadlineMissed, or what the bucket throws: then there may be an object, and writing it again is safe. */
  async finish(): Promise<void> {
    if (this.#upload === null) return putOnce(this.#bucket, this.#key, this.#part.subarray(0, this.#filled), this.#options);
    await this.#uploadPart();
    await inTime(this.#upload.complete(this.#parts), R2_DEADLINE_MS);
  }

  /** Drops the parts that went. R2 itself does so after seven days, which is why a failure is no matter. */
  async abort(): Promise<void> {
    if (this.#upload === null) return;
    try {
      await inTime(this.#upload.abort(), R2_DEADLINE_MS);
    } catch {
      // As above.
    }
  }
}
