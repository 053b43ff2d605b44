import type { DialProfile } from "./dial-profile.ts";
import { withoutOutsidePrefix } from "./dial-profile.ts";

/** Dialled to exercise the emergency path end to end: a recording reads the caller's number and address back (933, North America). */
export const EMERGENCY_TEST_NUMBER = "933";

/** Emergency numbers everywhere, whatever the country: the price of one call too many in the emergency lane is small. */
export const EMERGENCY_NUMBERS: readonly string[] = ["112", "911", "999", EMERGENCY_TEST_NUMBER];

/** The emergency number that the digits are, also behind the profile's outside prefix; null for anything else, also for longer numbers. */
export function emergencyNumber(digits: string, profile?: DialProfile): string | null {
  if (EMERGENCY_NUMBERS.includes(digits)) return digits;
  const rest = withoutOutsidePrefix(digits, profile);
  return rest !== null && EMERGENCY_NUMBERS.includes(rest) ? rest : null;
}
