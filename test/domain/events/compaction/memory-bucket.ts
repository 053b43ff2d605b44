/** R2 in memory: what merging uses of it, with the etags that R2 gives. */
import { createHash } from "node:crypto";

type Stored = { readonly bytes: Uint8Array; readonly etag: string };
type Condition = { readonly etagMatches?: string; readonly etagDoesNotMatch?: string };
type Range = { readonly offset: number; readonly length: number };

const decoder = new TextDecoder();
const bytesOf = (value: string | Uint8Array): Uint8Array =>
  typeof value === "string" ? new TextEncoder().encode(value) : value.slice();

export class MemoryBucket {
  readonly objects: Map<string, Stored>;

  constructor(objects: ReadonlyMap<string, Stored> = new Map()) {
    this.objects = new Map(objects);
  }

  asBucket(): R2Bucket {
    return this as unknown as R2Bucket;
  }

  async get(key: string, { range }: { readonly range?: Range } = {}) {
    const stored = this.objects.get(key);
    if (stored === undefined) return null;
    const bytes = range === undefined ? stored.bytes : stored.bytes.slice(range.offset, range.offset + range.length);
    return {
      etag: stored.etag,
      arrayBuffer: async () => bytes.slice().buffer,
      json: async () => JSON.parse(decoder.decode(bytes)) as unknown,
    };
  }

  async head(key: string) {
    const stored = this.objects.get(key);
    return stored === undefined ? null : { etag: stored.etag, checksums: {} };
  }

  async put(key: string, value: string | Uint8Array, { onlyIf = {} }: { readonly onlyIf?: Condition } = {}) {
    const stored = this.objects.get(key);
    if (onlyIf.etagMatches !== undefined && stored?.etag !== onlyIf.etagMatches) return null;
    if (onlyIf.etagDoesNotMatch !== undefined && stored !== undefined) return null;
    const bytes = bytesOf(value);
    const etag = createHash("md5").update(bytes).digest("hex");
    this.objects.set(key, { bytes, etag });
    return { etag };
  }

  async delete(keys: string | readonly string[]) {
    for (const key of typeof keys === "string" ? [keys] : keys) this.objects.delete(key);
  }

  async list({ prefix = "" }: { readonly prefix?: string } = {}) {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    return { objects: keys.map((key) => ({ key })), delimitedPrefixes: [], truncated: false };
  }
}
