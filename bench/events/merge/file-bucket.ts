/**
 * As much of an R2 bucket as the event store uses, over a folder: merging is measured in a process of its own with a small heap, where a
 * bucket in memory would be on its account. Operations are counted as they are billed.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { concatenate } from "../../../adapters/platform/bytes.ts";

type Stored = { readonly file: string; readonly etag: string; readonly size: number; readonly sha256: string | undefined };
type Value = string | ArrayBuffer | ArrayBufferView;

type Saved = { readonly stored: readonly (readonly [string, Stored])[]; readonly files: number };

export type Operations = { classA: number; classB: number; bytesPut: number; bytesRead: number };

const LIST_LIMIT = 1_000;
const utf8 = new TextEncoder();

function bytesOf(value: Value): Uint8Array {
  if (typeof value === "string") return utf8.encode(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

const noOperations = (): Operations => ({ classA: 0, classB: 0, bytesPut: 0, bytesRead: 0 });

/** Which file is which object, for whoever opens the folder next. */
const INDEX = "index.json";

export class FileBucket {
  operations: Operations = noOperations();
  /** Called with each operation. */
  watch: () => void = () => {};
  readonly #folder: string;
  readonly #stored: Map<string, Stored>;
  #files: number;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    const index = join(folder, INDEX);
    const known = existsSync(index) ? (JSON.parse(readFileSync(index, "utf8")) as Saved) : { stored: [], files: 0 };
    this.#stored = new Map(known.stored);
    this.#files = known.files;
  }

  /** Another process may go on with the folder. */
  save(): void {
    const saved: Saved = { stored: [...this.#stored], files: this.#files };
    writeFileSync(join(this.#folder, INDEX), JSON.stringify(saved));
  }

  #count(kind: "classA" | "classB"): void {
    this.operations[kind] += 1;
    this.watch();
  }

  /** What has been counted since the last time. */
  takeOperations(): Operations {
    const taken = this.operations;
    this.operations = noOperations();
    return taken;
  }

  asBucket(): R2Bucket {
    return this as unknown as R2Bucket;
  }

  #describe(key: string, { etag, size, sha256 }: Stored) {
    const checksums = sha256 === undefined ? {} : { sha256: Uint8Array.from(Buffer.from(sha256, "hex")).buffer };
    return { key, etag, httpEtag: `"${etag}"`, size, checksums, uploaded: new Date(0), storageClass: "Standard" };
  }

  #holds(key: string, condition: R2Conditional | undefined): boolean {
    const known = this.#stored.get(key);
    if (condition?.etagDoesNotMatch === "*" && known !== undefined) return false;
    return condition?.etagMatches === undefined || condition.etagMatches === known?.etag;
  }

  #write(key: string, bytes: Uint8Array, sha256?: string): object {
    const known = this.#stored.get(key);
    if (known !== undefined) rmSync(known.file);
    this.#files += 1;
    const stored = { file: join(this.#folder, String(this.#files)), etag: String(this.#files), size: bytes.length, sha256 };
    writeFileSync(stored.file, bytes);
    this.#stored.set(key, stored);
    this.operations.bytesPut += bytes.length;
    return this.#describe(key, stored);
  }

  async put(key: string, value: Value, options: { onlyIf?: R2Conditional; sha256?: string } = {}): Promise<object | null> {
    this.#count("classA");
    return this.#holds(key, options.onlyIf) ? this.#write(key, bytesOf(value), options.sha256) : null;
  }

  async get(key: string, options: { range?: { offset?: number; length?: number } } = {}): Promise<object | null> {
    this.#count("classB");
    const stored = this.#stored.get(key);
    if (stored === undefined) return null;
    const { offset = 0, length = stored.size } = options.range ?? {};
    const bytes = this.#read(stored, offset, Math.min(length, stored.size - offset));
    return {
      ...this.#describe(key, stored),
      get body() {
        return new Blob([bytes]).stream();
      },
      arrayBuffer: async () => bytes.buffer,
      bytes: async () => bytes,
      text: async () => new TextDecoder().decode(bytes),
      json: async () => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
    };
  }

  #read({ file, size }: Stored, offset: number, length: number): Uint8Array<ArrayBuffer> {
    this.operations.bytesRead += length;
    if (offset === 0 && length === size) return new Uint8Array(readFileSync(file));
    const bytes = new Uint8Array(length);
    const descriptor = openSync(file, "r");
    readSync(descriptor, bytes, 0, length, offset);
    closeSync(descriptor);
    return bytes;
  }

  async head(key: string): Promise<object | null> {
    this.#count("classB");
    const stored = this.#stored.get(key);
    return stored === undefined ? null : this.#describe(key, stored);
  }

  async delete(keys: string | readonly string[]): Promise<void> {
    for (const key of typeof keys === "string" ? [keys] : keys) {
      const stored = this.#stored.get(key);
      if (stored !== undefined) rmSync(stored.file);
      this.#stored.delete(key);
    }
  }

  async list(options: R2ListOptions = {}): Promise<object> {
    this.#count("classA");
    const { prefix = "", delimiter, cursor = "", startAfter = "", limit = LIST_LIMIT } = options;
    const after = cursor > startAfter ? cursor : startAfter;
    const delimitedPrefixes = new Set<string>();
    const keys = [...this.#stored.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const own = keys.filter((key) => {
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      if (end !== -1) delimitedPrefixes.add(key.slice(0, end + 1));
      return end === -1;
    });
    const page = own.slice(0, limit);
    const truncated = own.length > page.length;
    return {
      objects: page.map((key) => this.#describe(key, this.#stored.get(key)!)),
      delimitedPrefixes: [...delimitedPrefixes],
      truncated,
      ...(truncated ? { cursor: page.at(-1) } : {}),
    };
  }

  async createMultipartUpload(key: string): Promise<object> {
    this.#count("classA");
    const files: string[] = [];
    return {
      key,
      uploadPart: async (partNumber: number, value: Value) => {
        this.#count("classA");
        this.#files += 1;
        const file = join(this.#folder, `part-${this.#files}`);
        writeFileSync(file, bytesOf(value));
        files.push(file);
        return { partNumber, etag: String(partNumber) };
      },
      complete: async () => {
        this.#count("classA");
        const pieces = files.map((file) => new Uint8Array(readFileSync(file)));
        for (const file of files) rmSync(file);
        return this.#write(
          key,
          concatenate(
            pieces,
            pieces.reduce((sum, { length }) => sum + length, 0),
          ),
        );
      },
      abort: async () => {},
    };
  }
}
