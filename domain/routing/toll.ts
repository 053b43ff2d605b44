/** Numbers that a trunk may not call. */
import type { TollPolicy } from "../configuration/model.ts";
import { type TollClass, countryOf, tollClassesOf } from "../numbers/number-class.ts";

/** The first class of the number that the policy leaves closed; null when it may be called. No policy: all classes are closed. */
export function closedClass(e164: string, policy: TollPolicy | null): TollClass | null {
  for (const name of tollClassesOf(e164)) {
    if (policy?.openClasses.includes(name)) continue;
    if (name === "high_risk" && policy !== null) {
      const country = countryOf(e164);
      if (country !== null && policy.openCountries.includes(country)) continue;
    }
    return name;
  }
  return null;
}
