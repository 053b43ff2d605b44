/** Is it an emergency, with all that is known of the call? Both lanes ask the same way. */
import { salvageLocation } from "../contracts/location.ts";
import type { Trunk } from "../domain/configuration/model.ts";
import { countriesOf } from "../domain/location/countries-at.ts";
import { type EmergencyCall, classifyEmergency } from "../domain/numbers/emergency.ts";
import type { RouterSource } from "../domain/routing/router.ts";
import type { AppContext } from "./context.ts";
import { answerProblem } from "./problem.ts";

/** Set by the gate on what it hands on: who finds an emergency in it gives it back instead of serving it with an ordinary lane's strictness. */
export const GATE_HEADER = "trunkline-gate";
/** On an answer to the gate: serve this yourself. */
export const GIVEN_BACK_HEADER = "trunkline-given-back";

/** The standard lane's answer to the gate for an emergency that it has found; null: whoever asked has nobody else to serve it. */
export function givenBack(c: AppContext): Response | null {
  if (c.req.header(GATE_HEADER) === undefined) return null;
  return answerProblem(c, {
    code: "wrong_lane",
    detail: "the emergency lane serves this call",
    headers: { [GIVEN_BACK_HEADER]: "emergency" },
  });
}

/** A version of a configuration, as far as this needs it. */
type Opened = { readonly router: Pick<RouterSource, "settings"> };

/**
 * @param dialled as it came, before anything was normalised.
 * @param location as it came; what cannot be read says nothing.
 */
export function recogniseEmergency(
  snapshot: Opened,
  trunk: Pick<Trunk, "dialProfile">,
  dialled: string,
  location: unknown,
): EmergencyCall | null {
  const { testNumbers } = snapshot.router.settings.emergency;
  const countries = location === undefined ? [] : countriesOf(salvageLocation(location).location);
  return classifyEmergency(dialled, trunk.dialProfile, { countries, testNumbers });
}

/** As `recogniseEmergency`, for a request that may say anything, or name no trunk that there is. */
export function recogniseOn(trunk: Trunk | null, snapshot: Opened, dialled: unknown, location: unknown): EmergencyCall | null {
  return trunk === null || typeof dialled !== "string" ? null : recogniseEmergency(snapshot, trunk, dialled, location);
}
