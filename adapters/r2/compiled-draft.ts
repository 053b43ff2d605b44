/** A configuration compiled and opened in memory, without being published: for questions about what it would do. */
import type { Findings } from "../../domain/configuration/findings.ts";
import { createValidator } from "../../domain/configuration/validate.ts";
import { createCompiler } from "../../domain/routing/compiled/compile.ts";
import { type CompiledRouter, openRouter } from "../../domain/routing/compiled/open.ts";
import type { SnapshotCore } from "../../domain/routing/snapshot.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { ItemParts } from "./source-diff.ts";

/** What stands in the place of a version's name. */
export const DRAFT_VERSION = "draft";

/** `router` has all chunks. */
export type CompiledDraft = { readonly core: SnapshotCore; readonly router: CompiledRouter };

/** @returns what is wrong with it, when it could not be published. @throws what `items` throws. */
export async function compileItems(
  tenant: TenantId,
  items: ItemParts,
  nowMs: number,
): Promise<Result<CompiledDraft, Findings>> {
  const validator = createValidator();
  const compiler = createCompiler(tenant);
  for await (const part of items) {
    for (const item of part) {
      validator.add(item);
      // The compiler takes what has been checked.
      if (!validator.hasProblems) compiler.add(item);
    }
  }
  const { problems } = validator.finish();
  if (problems.count > 0) return err(problems);
  const publishedAt = new Date(nowMs).toISOString();
  const { core, chunks } = compiler.finish({ version: DRAFT_VERSION, publishedAt, publishedAtMs: nowMs });
  const router = openRouter(core);
  for (const { name, bytes } of chunks) router.supply(name, bytes);
  return ok({ core, router });
}
