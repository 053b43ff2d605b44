/**
 * R2 as the event store uses it: objects and ranges of them, conditional writes, uploads in parts, lists. A write whose answer is lost has
 * landed all the same, perhaps late.
 */
import { createHash } from "node:crypto";
import { Broken, type Conditions, type Network } from "./network.ts";

type Stored = { readonly bytes: Uint8Array; readonly etag: string; readonly storageClass: string };
type Range = { readonly offset: number; readonly length: number };
type PutOptions = {
  readonly onlyIf?: { readonly etagMatches?: string; readonly etagDoesNotMatch?: string };
  readonly sha256?: string;
  readonly storageClass?: string;
};
type ListOptions = {
  readonly prefix?: string;
  readonly delimiter?: string;
  readonly startAfter?: string;
  readonly cursor?: string;
  readonly limit?: number;
};
type Listed = { readonly objects: { readonly key: string }[]; readonly delimitedPrefixes: string[] } & (
  | { readonly truncated: false }
  | { readonly truncated: true; readonly cursor: string }
);

const CONDITIONS: Conditions = { lost: 0.08, maxDelayMs: 60, slowMs: 15_000 };
/** R2 lists no more at once (developers.cloudflare.com/r2/api/workers/workers-api-reference). */
const MAX_LISTED = 1_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const bytesOf = (body: string | Uint8Array): Uint8Array => (typeof body === "string" ? encoder.encode(body) : body.slice());
const digestOf = (algorithm: string, bytes: Uint8Array): Buffer => createHash(algorithm).update(bytes).digest();

export class Bucket {
  /** Whether it answers. */
  isUp = true;
  /** A list has no more at once. */
  readonly maxListed: number;
  readonly #network: Network;
  readonly #conditions: Conditions;
  readonly #objects = new Map<string, Stored>();

  constructor(network: Network, conditions: Conditions = CONDITIONS, maxListed: number = MAX_LISTED) {
    this.#network = network;
    this.#conditions = conditions;
    this.maxListed = maxListed;
  }

  /** Everything that stands under a prefix, as text. */
  all(prefix: string): { readonly key: string; readonly text: string }[] {
    const found = [...this.#objects].filter(([key]) => key.startsWith(prefix));
    return found.map(([key, { bytes }]) => ({ key, text: decoder.decode(bytes) }));
  }

  /** As they are listed. */
  keys(prefix: string): string[] {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** What stands there, past the network. */
  peek(key: string): Uint8Array | null {
    return this.#objects.get(key)?.bytes ?? null;
  }

  /** Somebody has been at the object, past the network. @param bytes null: it is gone. */
  tamper(key: string, bytes: Uint8Array | null): void {
    if (bytes === null) this.#objects.delete(key);
    else this.#store(key, bytes, this.#objects.get(key)?.storageClass);
  }

  get(key: string, { range }: { readonly range?: Range } = {}) {
    return this.#call(`R2 get ${key}`, () => {
      const stored = this.#objects.get(key);
      if (stored === undefined) return null;
      const { etag } = stored;
      if (range !== undefined && range.offset >= stored.bytes.length)
        throw new Error("get: The requested range is not satisfiable (10039)");
      const bytes = range === undefined ? stored.bytes : stored.bytes.subarray(range.offset, range.offset + range.length);
      return {
        etag,
        arrayBuffer: async () => bytes.slice().buffer,
        json: async () => JSON.parse(decoder.decode(bytes)) as unknown,
      };
    });
  }

  head(key: string) {
    return this.#call(`R2 head ${key}`, () => {
      const stored = this.#objects.get(key);
      if (stored === undefined) return null;
      return { etag: stored.etag, checksums: { sha256: new Uint8Array(digestOf("sha256", stored.bytes)).buffer } };
    });
  }

  put(key: string, body: string | Uint8Array, { onlyIf = {}, sha256, storageClass }: PutOptions = {}) {
    const bytes = bytesOf(body);
    return this.#call(`R2 put ${key}`, () => {
      const stored = this.#objects.get(key);
      const { etagMatches, etagDoesNotMatch } = onlyIf;
      if (etagMatches !== undefined && stored?.etag !== etagMatches) return null;
      if (etagDoesNotMatch !== undefined && stored !== undefined) return null;
      if (sha256 !== undefined && digestOf("sha256", bytes).toString("hex") !== sha256)
        throw new Error("put: The SHA-256 checksum you specified did not match what we received (10037)");
      return { etag: this.#store(key, bytes, storageClass) };
    });
  }

  delete(keys: string | readonly string[]) {
    return this.#call(`R2 delete ${String(keys)}`, () => {
      for (const key of typeof keys === "string" ? [keys] : keys) this.#objects.delete(key);
    });
  }

  list({ prefix = "", delimiter, startAfter = "", cursor = "", limit = this.maxListed }: ListOptions = {}) {
    return this.#call(`R2 list ${prefix}`, (): Listed => {
      const most = Math.min(limit, this.maxListed);
      const from = cursor > startAfter ? cursor : startAfter;
      const objects: { key: string }[] = [];
      const folders = new Set<string>();
      let last = "";
      for (const key of this.keys(prefix)) {
        const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
        const entry = end < 0 ? key : key.slice(0, end + 1);
        if (entry <= from || folders.has(entry)) continue;
        if (objects.length + folders.size === most) {
          return { objects, delimitedPrefixes: [...folders], truncated: true, cursor: last };
        }
        if (end < 0) objects.push({ key });
        else folders.add(entry);
        last = entry;
      }
      return { objects, delimitedPrefixes: [...folders], truncated: false };
    });
  }

  createMultipartUpload(key: string, { storageClass }: Pick<PutOptions, "storageClass"> = {}) {
    const parts = new Map<number, Uint8Array>();
    return this.#call(`R2 begin ${key}`, () => ({
      uploadPart: (partNumber: number, body: Uint8Array) => {
        const bytes = body.slice();
        return this.#call(`R2 part ${partNumber} of ${key}`, () => {
          parts.set(partNumber, bytes);
          return { partNumber, etag: digestOf("md5", bytes).toString("hex") };
        });
      },
      complete: (uploaded: readonly { readonly partNumber: number }[]) =>
        this.#call(`R2 complete ${key}`, () => {
          const bytes = Buffer.concat(uploaded.map(({ partNumber }) => parts.get(partNumber)!));
          return { etag: this.#store(key, new Uint8Array(bytes), storageClass) };
        }),
      abort: () => this.#call(`R2 abort ${key}`, () => parts.clear()),
    }));
  }

  #store(key: string, bytes: Uint8Array, storageClass = "Standard"): string {
    const etag = digestOf("md5", bytes).toString("hex");
    this.#objects.set(key, { bytes, etag, storageClass });
    return etag;
  }

  #call<T>(what: string, work: () => T): Promise<T> {
    return this.#network.call(what, this.#conditions, async () => {
      if (!this.isUp) throw new Broken("R2 is away");
      return work();
    });
  }
}
