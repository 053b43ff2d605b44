/** A configuration that is asked about, apart from the calls that are being routed: the draft, what is in force, or any version. */
import { LoadedSnapshot } from "../adapters/r2/snapshot-loaded.ts";
import { type ReadObject, SnapshotDamaged, readImmutable } from "../adapters/r2/snapshot-objects.ts";
import { inTime } from "../adapters/platform/deadline.ts";
import type { Problem } from "../contracts/problem.ts";
import type { VersionName } from "../contracts/routing.ts";
import type { CompiledRouter } from "../domain/routing/compiled/open.ts";
import { decide } from "../domain/routing/decide.ts";
import type { Plan } from "../domain/routing/plan.ts";
import type { Replies } from "../domain/routing/question.ts";
import type { Decision, RoutingCall } from "../domain/routing/router.ts";
import type { SnapshotCore } from "../domain/routing/snapshot.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { configured } from "./call-routing.ts";
import type { Deps } from "./deps.ts";
import { compileDraft } from "./publishing.ts";

const READ_DEADLINE_MS = 5_000;
/** One look-up names all chunks that it lacks; what needs more rounds than rewritings and rates make is going in circles. */
const MAX_ROUNDS = 16;

/** @throws for a question: whoever decides here has replies to all of them. */
export function planOrMissing(decision: Decision): { readonly value: Plan } | { readonly missing: readonly string[] } {
  if (decision.tag === "ask") throw new Error("a question is left open");
  return decision.tag === "decided" ? { value: decision.plan } : { missing: decision.chunks };
}

export class OpenVersion {
  readonly core: SnapshotCore;
  readonly router: CompiledRouter;
  /** Brings chunks in. @throws SnapshotDamaged, DeadlineMissed, or what the bucket throws. */
  readonly need: (names: readonly string[]) => Promise<void>;

  constructor(core: SnapshotCore, router: CompiledRouter, need: (names: readonly string[]) => Promise<void>) {
    this.core = core;
    this.router = router;
    this.need = need;
  }

  /** Repeats an attempt until it lacks nothing any more. */
  async complete<T>(attempt: () => { readonly missing: readonly string[] } | { readonly value: T }): Promise<T> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const outcome = attempt();
      if ("value" in outcome) return outcome.value;
      await this.need(outcome.missing);
    }
    throw new SnapshotDamaged("chunk", "a look-up does not come to an end");
  }

  /**
   * Decides at once where everything is in memory, which it is for nearly all of many calls.
   * @param replies to whatever is asked: nobody outside is.
   */
  decide(call: RoutingCall, nowMs: number, replies: Replies): Plan | Promise<Plan> {
    const attempt = () => planOrMissing(decide(this.router, call, nowMs, undefined, replies));
    const first = attempt();
    if ("value" in first) return first.value;
    return this.need(first.missing).then(() => this.complete(attempt));
  }
}

/** @returns the problem to answer when there is no such version. @throws when it is there and cannot be read. */
export async function openVersion(
  deps: Deps,
  bucket: R2Bucket,
  tenant: TenantId,
  name: VersionName,
): Promise<Result<OpenVersion, Problem>> {
  if (name === "draft") {
    const draft = await compileDraft(deps, tenant);
    // All of it is in memory.
    return draft.ok ? ok(new OpenVersion(draft.value.core, draft.value.router, async () => {})) : draft;
  }
  const version = name === "current" ? (configured(await deps.entry(tenant))?.snapshot.version ?? null) : name;
  if (version === null) return err({ code: "not_found", detail: "nothing is in force for this tenant" });
  try {
    // One of its own: what calls are routed by keeps the chunks that calls need.
    const read: ReadObject = (key, part) => readImmutable(bucket, key, part);
    const loaded = await inTime(LoadedSnapshot.read(read, tenant, version), READ_DEADLINE_MS);
    const need = (names: readonly string[]) => loaded.need(names, deps.clock.nowMs(), READ_DEADLINE_MS);
    return ok(new OpenVersion(loaded.core, loaded.router, need));
  } catch (error) {
    if (error instanceof SnapshotDamaged && error.part === "core" && error.reason === "missing")
      return err({ code: "not_found", detail: "there is no such version" });
    throw error;
  }
}
