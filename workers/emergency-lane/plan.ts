/** Where an emergency call goes, on whichever lane it is served. */
import type { LoadedSnapshot } from "../../adapters/r2/snapshot-loaded.ts";
import type { Call } from "../../domain/call/call.ts";
import type { EmergencyCall } from "../../domain/numbers/emergency.ts";
import { aboutCall } from "../../domain/routing/emergency-about.ts";
import { type StaticEmergency, decideEmergency } from "../../domain/routing/emergency.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import type { AppContext } from "../context.ts";

/** By the tenant's routes. Whatever in them cannot be carried out as it is written, the static destinations can. */
export function planEmergency(
  c: AppContext,
  call: Call,
  emergency: EmergencyCall,
  snapshot: LoadedSnapshot | null,
  fallback: StaticEmergency,
): Plan {
  const { clock, capacity, log } = c.get("deps");
  const about = {
    ...aboutCall(call, clock.nowMs()),
    isUnproven: call.marks?.unauthenticated === true,
    rests: (destination: string) => capacity.rests(call.tenant, destination),
  };
  try {
    return capacity.forEmergency(call, snapshot, decideEmergency(snapshot?.router ?? null, fallback, emergency, about));
  } catch (error) {
    const cause = error instanceof Error ? error.name : "unknown";
    log("error", "an emergency call could not be decided by its tenant's routes", { tenant: call.tenant, cause });
    return decideEmergency(null, fallback, emergency, about);
  }
}
