/** What a keeper has on disk: an index, and the objects in rows. */
import type { Digested, Pointer } from "../../adapters/r2/snapshot-objects.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

/** A row holds 2 MB, its key included. */
const PART_BYTES = 1_500_000;
const INDEX_KEY = "kept";

export type KeptObject = { readonly key: string; readonly sha256: string; readonly bytes: number };

export type KeptIndex = {
  readonly tenant: TenantId;
  readonly pointer: Pointer;
  /** Of the pointer, by the bucket's clock. */
  readonly writtenMs: number;
  readonly objects: readonly KeptObject[];
};

const partKey = (key: string, part: number): string => `part/${part}/${key}`;
const partsOf = (bytes: number): number => Math.ceil(bytes / PART_BYTES);

/** Nothing is written before the first `replace`: an object that was only asked leaves nothing behind. */
export class KeptFiles {
  readonly #storage: DurableObjectStorage;
  #index: KeptIndex | null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#index = storage.kv.get<KeptIndex>(INDEX_KEY) ?? null;
  }

  get index(): KeptIndex | null {
    return this.#index;
  }

  /** Null: it is not kept, or a row of it is missing. */
  read(key: string): Digested | null {
    const object = this.#index?.objects.find((kept) => kept.key === key);
    if (object === undefined) return null;
    const bytes = new Uint8Array(object.bytes);
    for (let part = 0; part < partsOf(object.bytes); part++) {
      const stored = this.#storage.kv.get<Uint8Array>(partKey(key, part));
      if (stored === undefined) return null;
      bytes.set(stored, part * PART_BYTES);
    }
    return { bytes, sha256: object.sha256 };
  }

  /** What is in force becomes another, at once: what the index does not name any more goes, what it names anew is `added`. */
  replace(index: KeptIndex, added: ReadonlyMap<string, Digested>): void {
    const named = new Set(index.objects.map(({ key }) => key));
    this.#storage.transactionSync(() => {
      for (const { key, bytes } of this.#index?.objects ?? [])
        if (!named.has(key)) for (let part = 0; part < partsOf(bytes); part++) this.#storage.kv.delete(partKey(key, part));
      for (const [key, { bytes }] of added)
        for (let part = 0; part < partsOf(bytes.length); part++)
          this.#storage.kv.put(partKey(key, part), bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES));
      this.#storage.kv.put(INDEX_KEY, index);
    });
    this.#index = index;
  }

  async forget(): Promise<void> {
    this.#index = null;
    await this.#storage.deleteAll();
  }
}
