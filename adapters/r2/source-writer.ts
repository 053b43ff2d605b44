/**
 * The source of a version: all its items, one JSON line each, in one gzip member. Packed while the items pass by; what is kept is the
 * packed part alone, a tenth of the whole or less, because the name under which it is stored is known at the end.
 */
import { sourceLine } from "../../domain/configuration/canonical.ts";
import type { ConfigurationItem } from "../../domain/configuration/model.ts";
import { toHex } from "../../domain/shared/hex.ts";
import { concatenate } from "../platform/bytes.ts";
import { sha256 } from "./snapshot-objects.ts";

/** The digest is over the digests of so many lines each, because the platform has no SHA-256 that takes its input in parts. */
const LINES_PER_DIGEST = 4_096;
const DIGEST_HEX_DIGITS = 12;
/** 410,000 rules of a line each take about 10 MiB packed. */
export const MAX_SOURCE_BYTES = 32 * 1024 * 1024;

export class SourceTooLarge extends Error {
  override readonly name = "SourceTooLarge";
}

export type SourceWriter = {
  /** @throws SourceTooLarge */
  readonly add: (items: readonly ConfigurationItem[]) => Promise<void>;
  /** @returns the digest of the content, whatever parts it came in, and the gzip member. */
  readonly finish: () => Promise<{ readonly digest: string; readonly bytes: Uint8Array }>;
  /** Lets go of what is there. */
  readonly abort: () => Promise<void>;
};

export function createSourceWriter(): SourceWriter {
  const gzip = new CompressionStream("gzip");
  const input = gzip.writable.getWriter();
  const parts: Uint8Array[] = [];
  let packed = 0;
  const drained = drain();
  // Somebody who gives up does not wait for it.
  drained.catch(() => {});
  const digests: Uint8Array[] = [];
  let lines: string[] = [];

  async function drain(): Promise<void> {
    const reader = gzip.readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parts.push(value);
      packed += value.length;
    }
  }

  async function flush(): Promise<void> {
    if (lines.length === 0) return;
    const bytes = new TextEncoder().encode(lines.join(""));
    lines = [];
    digests.push(await sha256(bytes));
    await input.write(bytes);
    if (packed > MAX_SOURCE_BYTES) throw new SourceTooLarge();
  }

  return {
    async add(items) {
      for (const item of items) {
        lines.push(`${sourceLine(item)}\n`);
        if (lines.length === LINES_PER_DIGEST) await flush();
      }
    },
    async finish() {
      await flush();
      await input.close();
      await drained;
      const digest = await sha256(concatenate(digests, digests.length * (digests[0]?.length ?? 0)));
      return { digest: toHex(digest).slice(0, DIGEST_HEX_DIGITS), bytes: concatenate(parts.splice(0), packed) };
    },
    abort: () => input.abort().catch(() => {}),
  };
}
