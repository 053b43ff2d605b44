/**
 * Knows the calls by which answering points call back ([EMG-15]). Who has called for help lately stands in an object of the tenant's; an
 * isolate keeps a copy and renews it behind its answers, so that hardly a call asks.
 */
import { z } from "zod";
import type { Clock } from "../adapters/platform/clock.ts";
import { within } from "../adapters/platform/deadline.ts";
import type { Log } from "../adapters/telemetry/log.ts";
import type { Environment } from "../contracts/environment.ts";
import type { Call } from "../domain/call/call.ts";
import type { EmergencySettings } from "../domain/configuration/model.ts";
import { type EmergencyCaller, calledBack } from "../domain/emergency/callers.ts";
import type { Address } from "../domain/numbers/address.ts";
import { type SessionId, type TenantId, parseSessionId, parseTenantId } from "../domain/shared/ids.ts";
import { resilienceOf } from "../durable-objects/breakers/isolate.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";
import type { EmergencyCallers } from "../durable-objects/emergency-callers/emergency-callers.ts";
import { internalMessageRoutes, tellStandard } from "./internal-message.ts";

/** A copy is renewed behind the answer when it is older: nobody calls back within seconds of a call that still lasts. */
const COPY_TTL_MS = 5_000;
/** An older one is renewed before it decides. */
const COPY_MAX_AGE_MS = 60_000;
/** For so long at most; then the call is an ordinary one. */
const RECENT_DEADLINE_MS = 150;
/** The emergency lane tells it behind its answer. */
const TELL_DEADLINE_MS = 3_000;
/** Tenants whose copies an isolate keeps; the longest unused goes first. */
const MAX_COPIES = 500;

const PATH = "/internal/emergency-callers";
const MAX_MESSAGE_BYTES = 16 * 1024;

export type Callbacks = {
  /** Whom an answering point calls back with this call; null: it is an ordinary call, or nobody can tell in time. */
  readonly calledBackBy: (call: Call, settings: EmergencySettings) => Promise<EmergencyCaller | null>;
  /** Remembers who has called for help. @throws when it could not be told. */
  readonly note: (tenant: TenantId, caller: EmergencyCaller) => Promise<void>;
};

type Copy = { callers: readonly EmergencyCaller[]; readMs: number; triedMs: number };
type Around = { readonly clock: Clock; readonly log: Log; readonly defer: (work: Promise<unknown>) => void };

export function createCallbacks(env: Env, { JURISDICTION, CONFIG_KEY }: Environment, { clock, log, defer }: Around): Callbacks {
  const copies = new Map<string, Copy>();
  const objects = env.EMERGENCY_CALLERS;
  const objectOf = (of: DurableObjectNamespace<EmergencyCallers>, tenant: TenantId) =>
    inJurisdiction(of, JURISDICTION).getByName(tenant);

  function copyOf(tenant: TenantId): Copy {
    const copy = copies.get(tenant) ?? { callers: [], readMs: -Infinity, triedMs: -Infinity };
    copies.delete(tenant);
    copies.set(tenant, copy);
    const oldest = copies.keys().next();
    if (copies.size > MAX_COPIES && !oldest.done) copies.delete(oldest.value);
    return copy;
  }

  async function renew(of: DurableObjectNamespace<EmergencyCallers>, tenant: TenantId, copy: Copy): Promise<void> {
    const startedMs = clock.nowMs();
    copy.triedMs = startedMs;
    try {
      copy.callers = (await objectOf(of, tenant).recent()) as readonly EmergencyCaller[];
      copy.readMs = startedMs;
    } catch {
      log("warn", "who has called for help lately cannot be read; callbacks are taken for ordinary calls", { tenant });
    }
  }

  return {
    async calledBackBy(call, settings) {
      if (objects === undefined || settings.callbackWindowMs === 0) return null;
      const copy = copyOf(call.tenant);
      const nowMs = clock.nowMs();
      const ageMs = nowMs - copy.readMs;
      if (ageMs >= COPY_TTL_MS && nowMs - copy.triedMs >= COPY_TTL_MS) {
        const renewing = renew(objects, call.tenant, copy);
        defer(renewing);
        if (ageMs >= COPY_MAX_AGE_MS) await within(renewing, RECENT_DEADLINE_MS);
      }
      if (copy.callers.length === 0) return null;
      return calledBack(copy.callers, { ...call, isSaid: call.marks?.callback === true }, settings, nowMs);
    },
    async note(tenant, caller) {
      if (objects !== undefined) return objectOf(objects, tenant).note(caller);
      if (env.STANDARD === undefined) return;
      const { guard } = resilienceOf(env);
      const telling = { standard: env.STANDARD, guard, key: CONFIG_KEY, nowMs: clock.nowMs(), deadlineMs: TELL_DEADLINE_MS };
      await tellStandard(telling, PATH, { tenant, caller });
    },
  };
}

const message = z.object({
  tenant: z.string().transform((raw) => parseTenantId(raw)),
  caller: z.object({
    callback: z.string().max(32),
    from: z.looseObject({ kind: z.enum(["e164", "short", "sip", "urn", "anonymous"]) }),
    session: z.string().refine((raw) => parseSessionId(raw).ok),
    atMs: z.number(),
  }),
});

/** What the emergency lane tells. */
export const internalCallbackRoutes = () =>
  internalMessageRoutes(PATH, MAX_MESSAGE_BYTES, message, async (c, { tenant, caller }) => {
    if (!tenant.ok) return;
    const { from, session, ...rest } = caller;
    await c
      .get("deps")
      .callbacks.note(tenant.value, { ...rest, from: from as unknown as Address, session: session as SessionId });
  });
