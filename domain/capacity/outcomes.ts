/** What an event of a call says of a destination's health. */
import { type Cause, sipCodeOf } from "../call/causes.ts";
import type { EventName, OwnName } from "../events/event.ts";
import type { Outcome } from "../resilience/breaker.ts";

export type DestinationOutcome = { readonly index: number; readonly outcome: Outcome };

const SIP_TIMEOUT = 408;
const SIP_CANCELLED = 487;
const SIP_SERVER_FAILURES = 500;
const SIP_GLOBAL_FAILURES = 600;

const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Null: it says nothing of the destination. Whoever refuses a call for its callee (busy, unknown, declined) works. */
function outcomeOfCause({ sipCode, q850 }: Cause): Outcome | null {
  const code = sipCode ?? (q850 === null ? null : sipCodeOf(q850));
  if (code === null) return sipCode === null && q850 === null ? "failure" : null;
  if (code === SIP_CANCELLED) return null;
  const failed = code === SIP_TIMEOUT || (code >= SIP_SERVER_FAILURES && code < SIP_GLOBAL_FAILURES);
  return failed ? "failure" : "success";
}

/**
 * @param name the event's, without prefix and version.
 * @param present where the call was before the event (`presentDestination`); counts where the event names no destination.
 * @returns null: it says nothing of any.
 */
export function destinationOutcome(
  name: EventName | OwnName,
  data: Readonly<Record<string, unknown>>,
  present: number | null,
): DestinationOutcome | null {
  if (data["applied"] === false) return null;
  const index = numberOrNull(data["routeIndex"]) ?? present;
  if (index === null || index < 0) return null;
  switch (name) {
    case "call.ringing":
    case "call.answered":
      return { index, outcome: "success" };
    case "call.failover":
    case "call.failed": {
      const outcome = outcomeOfCause({ sipCode: numberOrNull(data["sipCode"]), q850: numberOrNull(data["q850"]) });
      return outcome === null ? null : { index, outcome };
    }
    default:
      return null;
  }
}
