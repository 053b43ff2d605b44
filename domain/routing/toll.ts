/** Numbers that a trunk may not call. */
import type { Trunk } from "../configuration/model.ts";
import { type TollClass, countryOf, tollClassesOf } from "../numbers/number-class.ts";

/**
 * The first class of the number that the trunk leaves closed; null when it may be called. A trunk's own country is never one of high
 * risk to it. No trunk: all classes are closed.
 */
export function closedClass(e164: string, trunk: Trunk | null): TollClass | null {
  for (const name of tollClassesOf(e164)) {
    if (trunk?.toll.openClasses.includes(name)) continue;
    if (name === "high_risk" && trunk !== null) {
      const country = countryOf(e164);
      if (country !== null && (country === trunk.dialProfile.country || trunk.toll.openCountries.includes(country))) continue;
    }
    return name;
  }
  return null;
}
