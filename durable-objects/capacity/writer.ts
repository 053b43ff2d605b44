/** How sessions, and the emergency lane, tell the object that counts calls. Each lane has its way; neither waits for it with an answer. */
import { tellStandard } from "../../adapters/identity/lane-message.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Environment } from "../../contracts/environment.ts";
import type { CapacityNote } from "../../domain/capacity/lease.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { resilienceOf } from "../breakers/isolate.ts";
import { inJurisdiction } from "../namespaces.ts";
import type { Capacity } from "./capacity.ts";

const NOTE_DEADLINE_MS = 2_000;
export const CAPACITY_PATH = "/internal/capacity";

/** What the other lane tells, as JSON. */
export type CapacityMessage = { readonly tenant: TenantId; readonly note: CapacityNote };

export type CapacityWriter = {
  /** @throws when it is not known to have been taken. */
  readonly tell: (tenant: TenantId, note: CapacityNote) => Promise<void>;
};

/** The object that counts a tenant's calls. A stub that has failed stays failed: each question gets its own. */
export function capacityObject(
  objects: DurableObjectNamespace<Capacity>,
  { JURISDICTION }: Pick<Environment, "JURISDICTION">,
  tenant: TenantId,
): DurableObjectStub<Capacity> {
  return inJurisdiction(objects, JURISDICTION).getByName(tenant);
}

const NOBODY: CapacityWriter = { tell: async () => {} };

/** The way to the object that this environment has: itself, or the standard lane that has it. */
export function createCapacityWriter(
  env: Env,
  environment: Pick<Environment, "JURISDICTION" | "CONFIG_KEY">,
  nowMs: () => number,
): CapacityWriter {
  const { CAPACITY: objects, STANDARD: standard } = env;
  if (objects !== undefined)
    return { tell: (tenant, note) => inTime(capacityObject(objects, environment, tenant).note(note), NOTE_DEADLINE_MS) };
  if (standard === undefined) return NOBODY;
  return {
    tell: (tenant, note) => {
      const { guard } = resilienceOf(env);
      const telling = { standard, guard, key: environment.CONFIG_KEY, nowMs: nowMs(), deadlineMs: NOTE_DEADLINE_MS };
      return tellStandard(telling, CAPACITY_PATH, { tenant, note } satisfies CapacityMessage);
    },
  };
}
