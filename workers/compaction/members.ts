/** Goes through an object of which nobody says any more where its blocks are, from one end to the other, some of it at a time. */
import type { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { concatenate } from "../../adapters/platform/bytes.ts";
import { type FoundMember, findMembers } from "../../adapters/r2/gzip-members.ts";
import { type StoredLine, factsOf, parseStored } from "../../domain/events/stored.ts";
import type { Held } from "./held.ts";
import { BYTES_PER_UNIT } from "./spans.ts";

/** Of one fetch. */
const SPAN_BYTES = 512 * 1024;
/** No block is longer, packed: of what is, the end was not found, since something is damaged. */
const MAX_MEMBER_BYTES = 8 * 1024 * 1024;

/** `lines` null: the block is damaged. It is where it says that it is; what is damaged may be several blocks. */
export type FoundBlock = { readonly offset: number; readonly length: number; readonly lines: readonly StoredLine[] | null };

/** An object was deleted while it was read. */
export class ObjectGone extends Error {
  override readonly name = "ObjectGone";
}

function linesOf(text: string | null): StoredLine[] | null {
  try {
    const lines = (text ?? "").split("\n").filter((line) => line !== "");
    return lines.length === 0 ? null : lines.map((line) => ({ facts: factsOf(parseStored(line)), line }));
  } catch {
    return null;
  }
}

/** Members that are whole in these bytes; what is too long to be one counts as one, and is damaged. */
function* within(bytes: Uint8Array, isEnd: boolean): Generator<FoundMember> {
  let isAny = false;
  for (const member of findMembers(bytes, isEnd)) {
    isAny = true;
    yield member;
  }
  if (!isAny && bytes.length > MAX_MEMBER_BYTES) yield { offset: 0, length: bytes.length, text: null };
}

/** @returns null when there is no more. */
async function nextSpan(reads: ReadMeter, key: string, offset: number): Promise<Uint8Array | null> {
  const read = await reads.get(key, { offset, length: SPAN_BYTES });
  if (read.tag === "missing" && offset > 0) throw new ObjectGone(`${key} has been deleted`);
  return read.tag === "found" && read.bytes.length > 0 ? read.bytes : null;
}

/**
 * All blocks in their order, all bytes in one of them; none when there is no such object.
 * @throws ObjectGone, DeadlineMissed, or what the bucket throws.
 */
export async function* blocksOf(reads: ReadMeter, key: string, held: Held): AsyncGenerator<FoundBlock> {
  let [begin, rest]: [number, Uint8Array] = [0, new Uint8Array()];
  for (let isEnd = false; !isEnd;) {
    const span = await nextSpan(reads, key, begin + rest.length);
    isEnd = span === null || span.length < SPAN_BYTES;
    if (span !== null) rest = concatenate([rest, span], rest.length + span.length);
    if (rest.length === 0) return;
    let used = 0;
    for (const { offset, length, text } of within(rest, isEnd)) {
      const bytes = rest.length + (text?.length ?? 0) * BYTES_PER_UNIT;
      held.add(bytes);
      try {
        yield { offset: begin + offset, length, lines: linesOf(text) };
      } finally {
        held.drop(bytes);
      }
      used = offset + length;
    }
    [begin, rest] = [begin + used, rest.slice(used)];
  }
}
