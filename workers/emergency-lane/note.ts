/** What others learn of an emergency call that has been set up, on whichever lane. */
import type { Call, CallMarks } from "../../domain/call/call.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import type { AppContext } from "../context.ts";
import type { SetUp } from "../set-up.ts";
import { giveNotice } from "./notices.ts";

const kindOf = (plan: Plan, { synthetic }: CallMarks): string =>
  synthetic === true ? "synthetic" : plan.action === "route" && plan.emergency?.isTest === true ? "test" : "real";

/** Behind the call's answer. @param opening resolves when the session is on disk. */
export function noteEmergency(c: AppContext, call: Call, { view, plan }: SetUp, opening: Promise<unknown>): void {
  const deps = c.get("deps");
  const { meter, log, defer, callbacks, clock } = deps;
  const marks = call.marks ?? {};
  const kind = kindOf(plan, marks);
  meter.count("trunkline_emergency_calls_total", { kind });
  // Strangers take up nobody's lines, and nobody is led to them as a callback.
  const isProven = marks.unauthenticated !== true;
  if (isProven) deps.capacity.noteEmergency(call, view.id, plan);
  const { traceparent } = c.get("trace");
  // The session's event is what webhooks get: it is there when the session is, at last.
  defer(opening.then(() => giveNotice(deps, view.id, call, plan, traceparent)));
  const callback = plan.action === "route" ? (plan.emergency?.callback ?? null) : null;
  if (kind !== "real" || callback === null || !isProven) return;
  const noted = callbacks.note(call.tenant, { callback, from: call.from, session: view.id, atMs: clock.nowMs() });
  defer(noted.catch(() => log("warn", "an emergency caller could not be noted for callbacks", { sessionId: view.id })));
}
