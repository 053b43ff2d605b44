/** What people and programs may change of a session's record beside what happens to the call. */
import { canonicalJson } from "../configuration/canonical.ts";
import { mergePatch } from "../shared/merge-patch.ts";
import { type Result, err, ok } from "../shared/result.ts";
import type { Annotations } from "./annotations.ts";
import { MAX_METADATA_BYTES } from "./call.ts";

type Metadata = Readonly<Record<string, unknown>>;

/** A merge patch (RFC 7396): what is absent stays, null takes it away. */
export type Amendment = {
  readonly metadata?: Metadata | null;
  readonly disposition?: string | null;
  readonly tags?: readonly string[] | null;
};

/** What is other than before, as it is afterwards. */
export type Amended = {
  readonly metadata?: Metadata;
  readonly disposition?: string | null;
  readonly tags?: readonly string[];
};

export type AmendmentProblem = "not_announced" | "too_large";

/** Size as metadata is bounded by it: UTF-8 bytes of the JSON. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** The tags as a set, sorted. */
export const tagSet = (tags: readonly string[]): readonly string[] => [...new Set(tags)].toSorted();

/**
 * @param metadata as it stands; null: nobody has announced the call, which may still bring its own.
 * @returns nothing in it: nothing changes.
 */
export function amendedBy(
  metadata: Metadata | null,
  annotations: Annotations,
  amendment: Amendment,
): Result<Amended, AmendmentProblem> {
  const { disposition } = amendment;
  const tags = amendment.tags === undefined ? undefined : tagSet(amendment.tags ?? []);
  const isRetagged = tags !== undefined && tags.join() !== annotations.tags.join();
  const own = {
    ...(disposition === undefined || disposition === annotations.disposition ? {} : { disposition }),
    ...(isRetagged ? { tags } : {}),
  };
  if (amendment.metadata === undefined) return ok(own);
  if (metadata === null) return err("not_announced");
  const next = amendment.metadata === null ? {} : (mergePatch(metadata, amendment.metadata) as Metadata);
  if (canonicalJson(next) === canonicalJson(metadata)) return ok(own);
  return jsonBytes(next) > MAX_METADATA_BYTES ? err("too_large") : ok({ ...own, metadata: next });
}
