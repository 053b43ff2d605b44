/** What whoever is responsible is told when somebody calls for help. */
import type { Call } from "../call/call.ts";
import { type Address, formatAddress } from "../numbers/address.ts";
import type { Plan } from "../routing/plan.ts";
import type { SessionId, TenantId } from "../shared/ids.ts";

/** `data` of the event `call.emergency`. Numbers as `formatAddress` writes them. */
export type EmergencyData = {
  /** `urn:service:sos` or a sub-service (RFC 5031). */
  readonly service: string;
  readonly isTest: boolean;
  readonly from: string;
  readonly to: string;
  /** E.164; null where nobody can be called back. */
  readonly callback: string | null;
  readonly trunk: string;
  readonly location: Call["location"];
  readonly destinations: readonly string[];
  /** Nobody has proven who calls. */
  readonly unauthenticated: boolean;
  /** Made by the system itself. */
  readonly synthetic: boolean;
};

export type EmergencyNotice = EmergencyData & { readonly session: SessionId; readonly tenant: TenantId };

/**
 * A way of telling somebody: webhooks today, short messages and mail where somebody adds them. Told behind the call's answer, each by
 * itself and with a deadline; what it throws is logged and counted, and touches neither the call nor the others.
 */
export type EmergencyNotifier = {
  /** Names it in logs and metrics. */
  readonly name: string;
  readonly notify: (notice: EmergencyNotice, traceparent: string) => Promise<void>;
};

const written = (address: Address): string => formatAddress(address);

/** Null: the plan is no emergency's. */
export function emergencyDataOf(call: Call, plan: Plan): EmergencyData | null {
  if (plan.action === "reject" || plan.emergency === undefined) return null;
  const { service, isTest, callback } = plan.emergency;
  return {
    service,
    isTest,
    from: written(call.from),
    to: written(call.to),
    callback,
    trunk: call.trunk,
    location: call.location,
    destinations: plan.destinations.map(({ id }) => id),
    unauthenticated: call.marks?.unauthenticated === true,
    synthetic: call.marks?.synthetic === true,
  };
}
