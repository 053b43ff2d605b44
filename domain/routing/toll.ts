/** Numbers that a trunk may not call. */
import type { Trunk } from "../configuration/model.ts";
import type { NumberClass, TollClass } from "../numbers/number-class.ts";

/**
 * The first toll class of a number that the trunk leaves closed; null when it may be called. A trunk's own country is never one of high
 * risk to it. No trunk: all classes are closed.
 */
export function closedClass({ country, tollClasses }: NumberClass, trunk: Trunk | null): TollClass | null {
  for (const name of tollClasses) {
    if (trunk?.toll.openClasses.includes(name)) continue;
    if (name === "high_risk" && trunk !== null) {
      if (country !== null && (country === trunk.dialProfile.country || trunk.toll.openCountries.includes(country))) continue;
    }
    return name;
  }
  return null;
}
