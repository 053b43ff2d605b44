/** What a call says of itself, where it is an emergency. */
import type { Call } from "../call/call.ts";
import { countriesOf } from "../location/countries-at.ts";
import type { EmergencyAbout } from "./emergency.ts";

export function aboutCall({ trunk, from, location }: Pick<Call, "trunk" | "from" | "location">, nowMs: number): EmergencyAbout {
  return { trunk, from, location, countries: countriesOf(location), nowMs };
}
