/**
 * Knows the calls by which answering points call back ([EMG-15]). Who has called for help lately stands in an object of the tenant's; an
 * isolate keeps a copy and renews it behind its answers, so that hardly a call asks.
 */
import { z } from "zod";
import type { Clock } from "../adapters/platform/clock.ts";
import { inTime, within } from "../adapters/platform/deadline.ts";
import type { Log } from "../adapters/telemetry/log.ts";
import type { Environment } from "../contracts/environment.ts";
import type { Call } from "../domain/call/call.ts";
import type { EmergencySettings } from "../domain/configuration/model.ts";
import { type Callback, type EmergencyCaller, calledBack } from "../domain/emergency/callers.ts";
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
/** The object itself has this long; after a failure it is asked again so much later. */
const READ_DEADLINE_MS = 2_000;
const RETRY_MS = 500;
/** The emergency lane tells it behind its answer, and once more when it was not taken. */
const TELL_DEADLINE_MS = 3_000;
const TELL_AGAIN_MS = 2_000;
/** Tenants whose copies an isolate keeps; the longest unused goes first. */
const MAX_COPIES = 500;

const PATH = "/internal/emergency-callers";
const MAX_MESSAGE_BYTES = 16 * 1024;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export type Callbacks = {
  /** Whom an answering point calls back with this call; null: it is an ordinary call, or nobody can tell in time. */
  readonly calledBackBy: (call: Call, isSaid: boolean, settings: EmergencySettings) => Promise<Callback | null>;
  /** Remembers who has called for help. @throws when it could not be told. */
  readonly note: (tenant: TenantId, caller: EmergencyCaller) => Promise<void>;
};

type Copy = { callers: readonly EmergencyCaller[]; readMs: number; triedMs: number; renewing: Promise<void> | null };
type Around = { readonly clock: Clock; readonly log: Log; readonly defer: (work: Promise<unknown>) => void };

export function createCallbacks(env: Env, { JURISDICTION, CONFIG_KEY }: Environment, { clock, log, defer }: Around): Callbacks {
  const copies = new Map<string, Copy>();
  const objects = env.EMERGENCY_CALLERS;
  const objectOf = (of: DurableObjectNamespace<EmergencyCallers>, tenant: TenantId) =>
    inJurisdiction(of, JURISDICTION).getByName(tenant);

  function copyOf(tenant: TenantId): Copy {
    const copy = copies.get(tenant) ?? { callers: [], readMs: -Infinity, triedMs: -Infinity, renewing: null };
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
      const recent = await inTime(objectOf(of, tenant).recent(), READ_DEADLINE_MS);
      copy.callers = recent as readonly EmergencyCaller[];
      copy.readMs = startedMs;
    } catch {
      // The next call asks again, soon.
      copy.triedMs = startedMs - COPY_TTL_MS + RETRY_MS;
      log("warn", "who has called for help lately cannot be read; callbacks are taken for ordinary calls", { tenant });
    }
  }

  return {
    async calledBackBy(call, isSaid, settings) {
      if (objects === undefined || settings.callbackWindowMs === 0) return null;
      const copy = copyOf(call.tenant);
      const nowMs = clock.nowMs();
      const ageMs = nowMs - copy.readMs;
      if (ageMs >= COPY_TTL_MS && nowMs - copy.triedMs >= COPY_TTL_MS) {
        copy.renewing = renew(objects, call.tenant, copy);
        defer(copy.renewing);
      }
      // Calls that come at the same time wait for the same answer.
      if (ageMs >= COPY_MAX_AGE_MS && copy.renewing !== null) await within(copy.renewing, RECENT_DEADLINE_MS);
      if (copy.callers.length === 0) return null;
      return calledBack(copy.callers, { ...call, isSaid }, settings, nowMs);
    },
    async note(tenant, caller) {
      if (objects !== undefined) return inTime(objectOf(objects, tenant).note(caller), READ_DEADLINE_MS);
      if (env.STANDARD === undefined) return;
      const { guard } = resilienceOf(env);
      const telling = { standard: env.STANDARD, guard, key: CONFIG_KEY, deadlineMs: TELL_DEADLINE_MS };
      const tell = () => tellStandard({ ...telling, nowMs: clock.nowMs() }, PATH, { tenant, caller });
      await tell().catch(() => sleep(TELL_AGAIN_MS).then(tell));
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
