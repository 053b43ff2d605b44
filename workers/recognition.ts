/** Is it an emergency, with all that is known of the call? Both lanes ask the same way. */
import { z } from "zod";
import { salvageLocation } from "../contracts/location.ts";
import type { Trunk } from "../domain/configuration/model.ts";
import { countriesOf } from "../domain/location/countries-at.ts";
import { type EmergencyCall, classifyEmergency } from "../domain/numbers/emergency.ts";
import type { RouterSource } from "../domain/routing/router.ts";
import type { AppContext } from "./context.ts";
import { answerProblem } from "./problem.ts";

/** Set by the gate on what it hands on: who finds an emergency in it gives it back instead of serving it with an ordinary lane's strictness. */
export const GATE_HEADER = "trunkline-gate";
/** On an answer to the gate: serve this yourself. It says what was found, which the gate may not know yet. */
export const GIVEN_BACK_HEADER = "trunkline-given-back";

/** The standard lane's answer to the gate for an emergency that it has found; null: whoever asked has nobody else to serve it. */
export function givenBack(c: AppContext, emergency: EmergencyCall | null): Response | null {
  if (emergency === null || c.req.header(GATE_HEADER) === undefined) return null;
  return answerProblem(c, {
    code: "wrong_lane",
    detail: "the emergency lane serves this call",
    headers: { [GIVEN_BACK_HEADER]: JSON.stringify(emergency) },
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

const found = z.object({
  service: z.string().regex(/^urn:service:sos[a-z.-]*$/),
  dialled: z.string().min(1).max(64),
  test: z.boolean(),
  country: z.string().nullable(),
});

/** What the other lane has found; null: nothing, or nothing that can be read. */
export function readGivenBack(answer: Response): EmergencyCall | null {
  const header = answer.headers.get(GIVEN_BACK_HEADER);
  if (header === null) return null;
  try {
    const read = found.safeParse(JSON.parse(header));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** As `recogniseEmergency`, for a request that may say anything, or name no trunk that there is. */
export function recogniseOn(trunk: Trunk | null, snapshot: Opened, dialled: unknown, location: unknown): EmergencyCall | null {
  return trunk === null || typeof dialled !== "string" ? null : recogniseEmergency(snapshot, trunk, dialled, location);
}
