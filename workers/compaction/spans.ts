/** Blocks of an object in their order: fetched some at a time, the next while the last are read, and unpacked one by one. */
import type { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { gunzipMembers } from "../../adapters/r2/gzip.ts";
import type { Held } from "./held.ts";

/** Of one fetch. As many merges' inputs times two are held: about 16 MiB. */
const SPAN_BYTES = 128 * 1024;
/** A JavaScript string of what is mostly ASCII takes between one and two bytes a code unit. */
export const BYTES_PER_UNIT = 2;

/** Where a block lies within its object. */
export type Member = { readonly offset: number; readonly length: number };

type Span = { readonly members: readonly Member[]; readonly offset: number; readonly length: number };
type Fetched = Span & { /** Null: not there, or not so long. */ readonly bytes: Uint8Array | null };

function spansOf(members: readonly Member[]): Span[] {
  const spans: (Span & { members: Member[]; length: number })[] = [];
  for (const member of members) {
    const last = spans.at(-1);
    const end = member.offset + member.length;
    if (last !== undefined && last.offset + last.length === member.offset && end - last.offset <= SPAN_BYTES) {
      last.members.push(member);
      Object.assign(last, { length: end - last.offset });
    } else spans.push({ members: [member], offset: member.offset, length: member.length });
  }
  return spans;
}

async function* fetched(reads: ReadMeter, key: string, spans: readonly Span[], held: Held): AsyncGenerator<Fetched> {
  const fetch = async (span: Span): Promise<Fetched> => {
    held.add(span.length);
    const read = await reads.get(key, { offset: span.offset, length: span.length });
    return { ...span, bytes: read.tag === "found" ? read.bytes : null };
  };
  let next: Promise<Fetched> | null = null;
  for (const [index, span] of spans.entries()) {
    const current: Fetched = await (next ?? fetch(span));
    const following = spans[index + 1];
    next = following === undefined ? null : fetch(following);
    // It is waited for later, or not at all when nobody reads on: until then its failure is nobody's.
    next?.catch(() => {});
    yield current;
    held.drop(span.length);
  }
}

function unpack(bytes: Uint8Array): string | null {
  try {
    return gunzipMembers(bytes);
  } catch {
    return null;
  }
}

/** The text of each block; null: it is not what was written. @throws DeadlineMissed, or what the bucket throws. */
export async function* blockTexts(
  reads: ReadMeter,
  key: string,
  members: readonly Member[],
  held: Held,
): AsyncGenerator<string | null> {
  for await (const { members: own, offset, bytes } of fetched(reads, key, spansOf(members), held))
    for (const member of own) {
      const start = member.offset - offset;
      const text = bytes === null ? null : unpack(bytes.subarray(start, start + member.length));
      const size = (text?.length ?? 0) * BYTES_PER_UNIT;
      held.add(size);
      yield text;
      held.drop(size);
    }
}
