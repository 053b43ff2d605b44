/**
 * The fault build: the Worker as it is, with bindings, objects and a clock that can be broken while it runs. The same code is deployed,
 * without this file around it.
 */
import * as real from "../../../workers/index.ts";
import { CONTROL_PATH, CONTROL_TOKEN_HEADER, CONTROL_TOKEN_VARIABLE, type Control } from "../injected.ts";
import { breakable } from "./breakable.ts";
import { brokenEnv, forget } from "./bindings.ts";
import { loseCache } from "./cache.ts";
import { skewDates } from "./clock.ts";
import { hang, inject, injected, noteDone, tally } from "./state.ts";

export * from "../../../workers/index.ts";

skewDates();
loseCache();

export const AuditTrail = breakable(real.AuditTrail);
export const Breakers = breakable(real.Breakers);
export const CallSession = breakable(real.CallSession);
export const Capacity = breakable(real.Capacity);
export const EmergencyCallers = breakable(real.EmergencyCallers);
export const EventLog = breakable(real.EventLog);
export const Job = breakable(real.Job);
export const Limiter = breakable(real.Limiter);
export const LiveFeed = breakable(real.LiveFeed);
export const Metrics = breakable(real.Metrics);
export const Repeats = breakable(real.Repeats);
export const SnapshotKeeper = breakable(real.SnapshotKeeper);
export const TollLedger = breakable(real.TollLedger);
export const WebhookEndpoint = breakable(real.WebhookEndpoint);

/** Null: the request is not for the harness. */
async function control(request: Request, env: Env): Promise<Response | null> {
  if (new URL(request.url).pathname !== CONTROL_PATH) return null;
  const token = (env as unknown as Readonly<Record<string, unknown>>)[CONTROL_TOKEN_VARIABLE];
  if (typeof token !== "string" || request.headers.get(CONTROL_TOKEN_HEADER) !== token) return null;
  const told = await request.json<Control>();
  inject(told.injected);
  if (told.forget === true) forget();
  return Response.json(tally());
}

export default {
  fetch: async (request, env, ctx) => {
    const told = await control(request, env);
    if (told !== null) return told;
    if (injected().hangs) {
      noteDone("requests never answered");
      await hang();
    }
    return real.default.fetch(request, brokenEnv(env), ctx);
  },
  queue: (batch, env) => real.default.queue(batch, brokenEnv(env)),
  scheduled: (event, env) => real.default.scheduled(event, brokenEnv(env)),
} satisfies ExportedHandler<Env>;
