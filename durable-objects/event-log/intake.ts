/** Takes events that come in by the API: gives them their ids, and knows those that come again. */
import { fingerprintOf } from "../../domain/events/fingerprint.ts";
import { FINGERPRINT_MS, type FingerprintEntry, Fingerprints } from "../../domain/events/fingerprints.ts";
import { IntakeIds } from "../../domain/events/intake-ids.ts";
import type { LogEntry } from "../../domain/events/segment.ts";
import type { PackedBatch } from "../../domain/events/shard.ts";
import { type StoredEvent, parseStored, tenantOf } from "../../domain/events/stored.ts";
import { type EventId, INTAKE_EPOCH, type Lane, timeOfId } from "../../domain/shared/ids.ts";
import type { Head } from "./head.ts";

const RANDOM_BYTES = 16;
/** With it an event that says itself when it happened begins. */
const TIME_FIRST = '"time":';

export type Taken =
  | {
      readonly tag: "taken";
      readonly ids: readonly EventId[];
      readonly duplicates: readonly number[];
      readonly fresh: readonly LogEntry[];
    }
  | { readonly tag: "key_reused" };

/** The largest id. */
export function largestOf(entries: readonly LogEntry[], otherwise: EventId | null): EventId | null {
  return entries.reduce<EventId | null>((largest, { id }) => (largest === null || id > largest ? id : largest), otherwise);
}

/** The fingerprint of a stored event whose sender had an id for it. */
function fingerprintIn({ id, line }: LogEntry): FingerprintEntry[] {
  if (!line.includes('"originid":')) return [];
  const event: StoredEvent = parseStored(line);
  return event.originid === undefined ? [] : [[fingerprintOf(tenantOf(event), event.source, event.originid), id]];
}

/** The shard's number, which its name ends with. */
function numberOf(shard: string): number {
  return Number(shard.slice(shard.lastIndexOf("-") + 1));
}

/** Of several kinds of `rest`, the one that the shard completes. */
function lineOf(id: EventId, recorded: string, rest: string): string {
  const time = rest.startsWith(TIME_FIRST) ? "" : `"time":"${recorded}",`;
  return `{"specversion":"1.0","id":"${id}","recordedtime":"${recorded}",${time}${rest}`;
}

export class Intake {
  readonly #fingerprints: Fingerprints;
  readonly #ids: IntakeIds;
  /** Those that a flush has not put on disk with its generation yet. */
  #unsaved: FingerprintEntry[];
  /** Generations with fingerprints on disk, and the largest id of each; oldest first. */
  #saved: { readonly generation: number; readonly newest: EventId }[];
  #stamp = { ms: -1, text: "" };

  /** @param entries what the head holds, committed. */
  constructor(lane: Lane, head: Head, entries: readonly LogEntry[], random: (count: number) => Uint8Array) {
    const saved = head.fingerprints();
    this.#saved = saved.flatMap(([generation, own]) => {
      const newest = own.at(-1)?.[1];
      return newest === undefined ? [] : [{ generation, newest }];
    });
    this.#unsaved = entries.flatMap(fingerprintIn);
    this.#fingerprints = new Fingerprints([...saved.flatMap(([, own]) => own), ...this.#unsaved]);
    const shard = { epoch: INTAKE_EPOCH, number: numberOf(head.shard) };
    this.#ids = new IntakeIds(lane, shard, largestOf(entries, head.lastId), random(RANDOM_BYTES));
  }

  /** Decides the whole batch, and remembers it when it is taken. */
  take({ lines, fingerprints, digest }: PackedBatch, nowMs: number): Taken {
    if (digest !== null && this.#isOther(fingerprints ?? [], digest, nowMs)) return { tag: "key_reused" };
    const ids: EventId[] = [];
    const duplicates: number[] = [];
    const fresh: LogEntry[] = [];
    for (const [index, rest] of lines.split("\n").entries()) {
      const fingerprint = fingerprints?.[index] ?? null;
      // The same event may stand twice in a batch.
      const first = fingerprint === null ? null : this.#fingerprints.find(fingerprint, nowMs);
      if (first !== null) {
        ids.push(first.id);
        duplicates.push(index);
        continue;
      }
      const id = this.#ids.next(nowMs);
      ids.push(id);
      fresh.push({ id, subject: "", line: lineOf(id, this.#recorded(), rest) });
      if (fingerprint !== null) this.#remember(fingerprint, id, digest);
    }
    return { tag: "taken", ids, duplicates, fresh };
  }

  /** What a flush of this generation puts on disk: the fingerprints of its events, and up to which generation all are forgotten. */
  saving(
    entries: readonly LogEntry[],
    nowMs: number,
  ): { readonly fingerprints: FingerprintEntry[]; readonly forgotten: number } {
    const newest = largestOf(entries, null);
    const fingerprints = newest === null ? [] : this.#unsaved.filter(([, id]) => id <= newest);
    const { oldest } = this.#fingerprints;
    const gone = this.#saved.filter(
      (row) => oldest === null || row.newest < oldest || timeOfId(row.newest) + FINGERPRINT_MS <= nowMs,
    );
    return { fingerprints, forgotten: gone.at(-1)?.generation ?? 0 };
  }

  /** What `saving` gave is on disk. */
  saved(generation: number, { fingerprints, forgotten }: ReturnType<Intake["saving"]>): void {
    const done = new Set(fingerprints);
    this.#unsaved = this.#unsaved.filter((entry) => !done.has(entry));
    const newest = fingerprints.at(-1)?.[1];
    const left = this.#saved.filter((row) => row.generation > forgotten);
    this.#saved = newest === undefined ? left : [...left, { generation, newest }];
  }

  /** Whether one of them came with a request that said something else. */
  #isOther(fingerprints: readonly (string | null)[], digest: string, nowMs: number): boolean {
    return fingerprints.some((fingerprint) => {
      const first = fingerprint === null ? null : this.#fingerprints.find(fingerprint, nowMs);
      return first !== null && first.digest !== null && first.digest !== digest;
    });
  }

  #remember(fingerprint: string, id: EventId, digest: string | null): void {
    this.#fingerprints.remember(fingerprint, id, digest);
    this.#unsaved.push(digest === null ? [fingerprint, id] : [fingerprint, id, digest]);
  }

  /** The time of the last id, RFC 3339: what an event's place in the store says and what it says itself are the same. */
  #recorded(): string {
    const { ms } = this.#ids;
    if (this.#stamp.ms !== ms) this.#stamp = { ms, text: new Date(ms).toISOString() };
    return this.#stamp.text;
  }
}
