/** `If-Match` and `If-None-Match` (RFC 9110 §13.1) of a write, as what the writer expects to be there. */
import type { Problem } from "../../../contracts/problem.ts";
import type { Expected } from "../../../domain/configuration/store.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import type { AppContext } from "../../context.ts";

const TAG = /^(?:W\/)?"([^"]*)"$/;
const REVISION = /^\d{1,15}$/;
/** Tags of one header that are looked at. */
const MAX_TAGS = 16;

export const PRECONDITION_FAILED: Problem = {
  code: "precondition_failed",
  detail: "it has been changed, made or removed meanwhile; read it again",
};

export const etagOf = (revision: number): string => `"${revision}"`;

const malformed = (header: string): Result<never, Problem> =>
  err({ code: "bad_header", detail: `${header} is "*" or entity tags in quotes` });

/** The strong entity tags that a header names, without their quotes; null for "*". Weak ones never match a write. */
export function entityTagsIn(name: string, header: string): Result<readonly string[] | null, Problem> {
  if (header.trim() === "*") return ok(null);
  const tags = header.split(",", MAX_TAGS).map((tag) => tag.trim());
  if (!tags.every((tag) => TAG.test(tag))) return malformed(name);
  return ok(tags.flatMap((tag) => (tag.startsWith("W/") ? [] : [TAG.exec(tag)![1]!])));
}

/** The revisions that a header names; null for "*". Weak tags never match a write. */
function revisionsIn(header: string): readonly number[] | null | "malformed" {
  if (header.trim() === "*") return null;
  const tags = header.split(",", MAX_TAGS).map((tag) => tag.trim());
  if (!tags.every((tag) => TAG.test(tag))) return "malformed";
  return tags.flatMap((tag) => {
    const opaque = TAG.exec(tag)![1]!;
    return tag.startsWith("W/") || !REVISION.test(opaque) ? [] : [Number(opaque)];
  });
}

/**
 * @param current reads the present revision, null when nothing is there. Asked only where the headers cannot be put into one
 *   expectation; what is expected then is checked again by the write itself.
 */
export async function expectedBy(c: AppContext, current: () => Promise<number | null>): Promise<Result<Expected, Problem>> {
  const ifMatch = c.req.header("if-match");
  const ifNoneMatch = c.req.header("if-none-match");
  if (ifMatch !== undefined) {
    const revisions = revisionsIn(ifMatch);
    if (revisions === "malformed") return malformed("If-Match");
    if (revisions?.length === 1) return ok({ tag: "revision", revision: revisions[0]! });
    const present = revisions?.length === 0 ? null : await current();
    if (present === null || revisions?.includes(present) === false) return err(PRECONDITION_FAILED);
    return ok({ tag: "revision", revision: present });
  }
  if (ifNoneMatch === undefined) return ok({ tag: "any" });
  const revisions = revisionsIn(ifNoneMatch);
  if (revisions === "malformed") return malformed("If-None-Match");
  if (revisions === null) return ok({ tag: "absent" });
  const present = await current();
  if (present === null) return ok({ tag: "absent" });
  return revisions.includes(present) ? err(PRECONDITION_FAILED) : ok({ tag: "revision", revision: present });
}

/** Whether a reader has this revision already: weak comparison (RFC 9110 §13.1.2). */
export function isKnown(c: AppContext, etag: string): boolean {
  const tags = (c.req.header("if-none-match") ?? "").split(",", MAX_TAGS).map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
