/** A configuration that is asked about, apart from the calls that are being routed: the draft, what is in force, or any version. */
import { SnapshotDamaged, chunkKey, readCore } from "../adapters/r2/snapshot-objects.ts";
import { inTime } from "../adapters/platform/deadline.ts";
import type { Problem } from "../contracts/problem.ts";
import type { VersionName } from "../contracts/routing.ts";
import { type CompiledRouter, openRouter } from "../domain/routing/compiled/open.ts";
import { type Note, decide } from "../domain/routing/decide.ts";
import type { Plan } from "../domain/routing/plan.ts";
import type { RoutingCall } from "../domain/routing/router.ts";
import type { SnapshotCore } from "../domain/routing/snapshot.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { Deps } from "./deps.ts";
import { compileDraft } from "./publishing.ts";

const READ_DEADLINE_MS = 5_000;
/** One look-up names all chunks that it lacks; what needs more rounds than rewritings and rates make is going in circles. */
const MAX_ROUNDS = 16;

export class OpenVersion {
  readonly core: SnapshotCore;
  readonly router: CompiledRouter;
  readonly #chunk: (name: string) => Promise<Uint8Array>;

  constructor(core: SnapshotCore, router: CompiledRouter, chunk: (name: string) => Promise<Uint8Array>) {
    this.core = core;
    this.router = router;
    this.#chunk = chunk;
  }

  /** Brings chunks in. @throws SnapshotDamaged, DeadlineMissed, or what the bucket throws. */
  async need(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const supplied = this.router.supply(name, await inTime(this.#chunk(name), READ_DEADLINE_MS));
      if (!supplied.ok) throw new SnapshotDamaged("chunk", `${name}: ${supplied.error}`);
    }
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

  /** Decides at once where everything is in memory, which it is for nearly all of many calls. */
  decide(call: RoutingCall, nowMs: number, observe?: (note: Note) => void): Plan | Promise<Plan> {
    const decision = decide(this.router, call, nowMs, observe);
    if (decision.tag === "decided") return decision.plan;
    return this.need(decision.chunks).then(() =>
      this.complete(() => {
        const again = decide(this.router, call, nowMs, observe);
        return again.tag === "decided" ? { value: again.plan } : { missing: again.chunks };
      }),
    );
  }
}

/** @returns the problem to answer when there is no such version. @throws when it is there and cannot be read. */
export async function openVersion(
  deps: Deps,
  bucket: R2Bucket,
  tenant: TenantId,
  name: VersionName,
): Promise<Result<OpenVersion, Problem>> {
  if (name === "draft") return compileDraft(deps, tenant);
  const version = name === "current" ? ((await deps.entry(tenant))?.snapshot?.version ?? null) : name;
  if (version === null) return err({ code: "not_found", detail: "nothing is in force for this tenant" });
  try {
    const { core } = await inTime(readCore(bucket, tenant, version), READ_DEADLINE_MS);
    const chunk = async (chunkName: string): Promise<Uint8Array> => {
      const stored = await bucket.get(chunkKey(tenant, version, chunkName));
      if (stored === null) throw new SnapshotDamaged("chunk", `${chunkName}: missing`);
      return new Uint8Array(await stored.arrayBuffer());
    };
    return ok(new OpenVersion(core, openRouter(core), chunk));
  } catch (error) {
    if (error instanceof SnapshotDamaged && error.part === "core" && error.reason === "missing")
      return err({ code: "not_found", detail: "there is no such version" });
    throw error;
  }
}
