/**
 * Which manifests a shard has written that are not merged yet, and which of them takes the next segments. A part is named after the
 * generation that began it, so that no name is ever used again, however late a flush for its hour may come.
 */
import { manifestKey } from "./keys.ts";
import type { PendingManifest } from "./shard.ts";

/** A manifest is rewritten with every segment; a new part starts before that gets expensive. */
export const SEGMENTS_PER_MANIFEST_PART = 64;
/** Bytes of JSON; one with as many as this takes no more segments. */
export const MAX_MANIFEST_BYTES = 256 * 1024;

export type ManifestPart = {
  readonly part: number;
  readonly segments: number;
  readonly bytes: number;
  /** Closed: takes no more segments, since it is being merged. */
  readonly open: boolean;
};

/** By hour, `YYYY/MM/DD/HH`; in each the oldest first. */
export type ManifestParts = Readonly<Record<string, readonly ManifestPart[]>>;

/** As it was stored when parts were counted from 0, and nothing was merged. */
export type OldManifestParts = Readonly<Record<string, { readonly part: number; readonly segments: number }>>;

/** The part that takes the segments of a generation. The same again when a flush is repeated. */
export function partFor(parts: ManifestParts, hour: string, generation: number): number {
  const last = parts[hour]?.at(-1);
  const fits = last?.open === true && last.segments < SEGMENTS_PER_MANIFEST_PART && last.bytes < MAX_MANIFEST_BYTES;
  return fits ? last.part : generation;
}

export function withPart(parts: ManifestParts, hour: string, written: Omit<ManifestPart, "open">): ManifestParts {
  const others = (parts[hour] ?? []).filter(({ part }) => part !== written.part);
  return { ...parts, [hour]: [...others, { ...written, open: true }] };
}

/** From now on nothing is added to what this hour has. */
export function sealed(parts: ManifestParts, hour: string): ManifestParts {
  const own = parts[hour];
  return own === undefined ? parts : { ...parts, [hour]: own.map((part) => ({ ...part, open: false })) };
}

/** These have been merged. */
export function withoutParts(parts: ManifestParts, shard: string, keys: readonly string[]): ManifestParts {
  const merged = new Set(keys);
  const left = Object.entries(parts).map(
    ([hour, own]) => [hour, own.filter(({ part }) => !merged.has(manifestKey(shard, hour, part)))] as const,
  );
  return Object.fromEntries(left.filter(([, own]) => own.length > 0));
}

/** Parts that a rebuilt index has brought back; those that are known stay as they are. */
export function withPending(parts: ManifestParts, manifests: readonly PendingManifest[]): ManifestParts {
  return manifests.reduce<ManifestParts>((known, { hour, part }) => {
    if (known[hour]?.some((own) => own.part === part) === true) return known;
    const adopted: ManifestPart = { part, segments: SEGMENTS_PER_MANIFEST_PART, bytes: MAX_MANIFEST_BYTES, open: false };
    return { ...known, [hour]: [adopted, ...(known[hour] ?? [])] };
  }, parts);
}

export function pendingOf(parts: ManifestParts, shard: string): PendingManifest[] {
  return Object.entries(parts).flatMap(([hour, own]) =>
    own.map(({ part }) => ({ key: manifestKey(shard, hour, part), hour, part })),
  );
}

/** Takes over parts of before: which of an hour's are full is not known, so that none takes more. */
export function fromOldParts(old: OldManifestParts): ManifestParts {
  return Object.fromEntries(
    Object.entries(old).map(([hour, { part: last }]) => [
      hour,
      Array.from({ length: last + 1 }, (_, part) => ({ part, segments: SEGMENTS_PER_MANIFEST_PART, bytes: 0, open: false })),
    ]),
  );
}
