/** Tells whoever is to know of an emergency call, beside the call: nobody in need waits for it ([EMG-13]). */
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Call } from "../../domain/call/call.ts";
import { type EmergencyNotice, type EmergencyNotifier, emergencyDataOf } from "../../domain/emergency/notice.ts";
import { eventType } from "../../domain/events/event.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import type { SessionId } from "../../domain/shared/ids.ts";
import { takesType } from "../../domain/webhooks/target.ts";
import type { Deps } from "../deps.ts";

/** A notifier has this long. What webhooks do not take now they are handed by the event log. */
const NOTIFY_DEADLINE_MS = 10_000;

const EMERGENCY = eventType("call.emergency");

type Ports = Pick<Deps, "sessions" | "entry" | "handOver" | "environment">;

/**
 * Hands the session's own event to the endpoints that take it, at once. The event log hands it over again, as it does with every event: an
 * endpoint's object knows it by its id.
 */
export function webhookNotifier({ sessions, entry, handOver, environment }: Ports): EmergencyNotifier {
  return {
    name: "webhooks",
    async notify({ session, tenant }) {
      const targets = (await entry(tenant))?.webhooks.filter((target) => takesType(target, EMERGENCY)) ?? [];
      if (targets.length === 0) return;
      const timeline = await sessions.timeline(session);
      const event = timeline.ok ? timeline.value?.events.find(({ type }) => type === EMERGENCY) : undefined;
      if (event === undefined) throw new Error("the session's event cannot be read");
      const events = [{ id: event.id, subject: event.subject, line: JSON.stringify(event) }];
      await Promise.all(targets.map((target) => handOver({ tenant, target, lane: environment.LANE, events })));
    },
  };
}

type Told = Pick<Deps, "meter" | "log"> & { readonly notifiers: readonly EmergencyNotifier[] };

async function tell(
  { meter, log }: Told,
  notifier: EmergencyNotifier,
  notice: EmergencyNotice,
  traceparent: string,
): Promise<void> {
  const { name } = notifier;
  try {
    await inTime(notifier.notify(notice, traceparent), NOTIFY_DEADLINE_MS);
    meter.count("trunkline_emergency_notices_total", { notifier: name, outcome: "sent" });
  } catch {
    meter.count("trunkline_emergency_notices_total", { notifier: name, outcome: "failed" });
    log("error", "a notice of an emergency call could not be given at once", { notifier: name, sessionId: notice.session });
  }
}

/** Resolves when everybody has been told, or could not be. The system's own calls are nobody's news. */
export async function giveNotice(told: Told, session: SessionId, call: Call, plan: Plan, traceparent: string): Promise<void> {
  const data = emergencyDataOf(call, plan);
  if (data === null || data.synthetic) return;
  const notice: EmergencyNotice = { ...data, session, tenant: call.tenant };
  await Promise.all(told.notifiers.map((notifier) => tell(told, notifier, notice, traceparent)));
}
