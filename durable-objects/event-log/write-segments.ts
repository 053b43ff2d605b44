/** Writes a frozen head to R2: its segments, then the manifests that name them. Repeated after a crash it writes the same objects. */
import type { Faults } from "../../adapters/platform/faults.ts";
import { ManifestDamaged, addToManifest, putSegment } from "../../adapters/r2/segment-writer.ts";
import { type ManifestParts, partFor, withPart } from "../../domain/events/manifest-parts.ts";
import { type LogEntry, type SegmentInfo, planSegments } from "../../domain/events/segment.ts";
import type { Head } from "./head.ts";

export type Written = {
  readonly segments: readonly SegmentInfo[];
  /** Where the hours' manifests stand after it. */
  readonly parts: readonly {
    readonly hour: string;
    readonly part: number;
    readonly segments: number;
    readonly bytes: number;
  }[];
};

/** What the shard's manifests are with what was written. */
export function partsWith(manifests: ManifestParts, { parts }: Written): ManifestParts {
  return parts.reduce((known, { hour, ...written }) => withPart(known, hour, written), manifests);
}

/** @throws what R2 throws; then what was written stays, and is found by the repetition. */
export async function writeSegments(
  { bucket, faults }: { readonly bucket: R2Bucket; readonly faults: Faults },
  head: Pick<Head, "shard" | "manifests">,
  generation: number,
  entries: readonly LogEntry[],
): Promise<Written> {
  const { shard } = head;
  const byHour = new Map<string, SegmentInfo[]>();
  for (const planned of planSegments(shard, generation, entries)) {
    await faults.at("event-log.before-segment");
    const info = await putSegment(bucket, planned);
    byHour.set(planned.hour, [...(byHour.get(planned.hour) ?? []), info]);
  }
  const parts: Written["parts"][number][] = [];
  for (const [hour, segments] of byHour) {
    await faults.at("event-log.before-manifest");
    const add = (part: number) =>
      addToManifest(bucket, { shard, hour, part }, segments).then((size) => ({ hour, part, ...size }));
    const part = partFor(head.manifests, hour, generation);
    // A manifest that is damaged does not keep the shard from going on: it is left behind, for whoever rebuilds it.
    const added = await add(part).catch((error: unknown) =>
      error instanceof ManifestDamaged && part !== generation ? add(generation) : Promise.reject(error),
    );
    parts.push(added);
  }
  return { segments: [...byHour.values()].flat(), parts };
}
