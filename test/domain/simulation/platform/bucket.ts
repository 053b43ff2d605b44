/** R2 as the event log uses it: whole objects, conditional writes. A write whose answer is lost has landed all the same, perhaps late. */
import { Broken, type Conditions, type Network } from "./network.ts";

type Stored = { readonly bytes: Uint8Array; readonly etag: string };
type PutOptions = { readonly onlyIf?: { readonly etagMatches?: string; readonly etagDoesNotMatch?: string } };

const CONDITIONS: Conditions = { lost: 0.08, maxDelayMs: 60, slowMs: 15_000 };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Bucket {
  /** Whether it answers. */
  isUp = true;
  readonly #network: Network;
  readonly #objects = new Map<string, Stored>();
  #writes = 0;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Everything that stands under a prefix, as text. */
  all(prefix: string): { readonly key: string; readonly text: string }[] {
    const found = [...this.#objects].filter(([key]) => key.startsWith(prefix));
    return found.map(([key, { bytes }]) => ({ key, text: decoder.decode(bytes) }));
  }

  get(key: string) {
    return this.#network.call(`R2 get ${key}`, CONDITIONS, async () => {
      this.#mustBeUp();
      const stored = this.#objects.get(key);
      if (stored === undefined) return null;
      const { bytes, etag } = stored;
      return {
        etag,
        arrayBuffer: async () => bytes.slice().buffer,
        json: async () => JSON.parse(decoder.decode(bytes)) as unknown,
      };
    });
  }

  put(key: string, body: string | Uint8Array, { onlyIf = {} }: PutOptions = {}) {
    return this.#network.call(`R2 put ${key}`, CONDITIONS, async () => {
      this.#mustBeUp();
      const stored = this.#objects.get(key);
      const { etagMatches, etagDoesNotMatch } = onlyIf;
      if (etagMatches !== undefined && stored?.etag !== etagMatches) return null;
      if (etagDoesNotMatch !== undefined && stored !== undefined) return null;
      const etag = String(++this.#writes);
      this.#objects.set(key, { bytes: typeof body === "string" ? encoder.encode(body) : body, etag });
      return { etag };
    });
  }

  #mustBeUp(): void {
    if (!this.isUp) throw new Broken("R2 is away");
  }
}
