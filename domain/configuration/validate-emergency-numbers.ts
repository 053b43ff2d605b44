/** What can be said of the numbers that a tenant keeps for tests, or for desks, and that others call for help by. */
import { emergencyNumber } from "../numbers/emergency-number.ts";
import { type FindingList, pointerOf } from "./findings.ts";
import type { EmergencySettings, Trunk } from "./model.ts";

/** Where the law has multi-line telephone systems reach 911 without a prefix: the United States (Kari's Law, 47 CFR §9.16) and its territories. */
const DIRECT_DIALLING = { number: "911", countries: ["US", "AS", "GU", "MP", "PR", "VI"] } as const;

/** Whether the law of the country forbids a desk with this number, whoever answers there. */
export function mustBeDialledDirectly(country: string, desk: string): boolean {
  return desk === DIRECT_DIALLING.number && DIRECT_DIALLING.countries.some((each) => each === country);
}

/** A real number stays one ([EMG-6]): who believes it to be a test number would call for help by trying it. */
export function checkTestNumbers(
  { problems, trunks }: { readonly problems: FindingList; readonly trunks: ReadonlyMap<string, Trunk> },
  { testNumbers }: EmergencySettings,
): void {
  testNumbers.forEach((number, index) => {
    const owner = [...trunks.values()].find(
      ({ dialProfile: { country } }) => emergencyNumber(number, { country })?.test === false,
    );
    if (owner === undefined) return;
    const detail = `${number} is a real emergency number on trunk "${owner.id}"`;
    problems.add(pointerOf("settings", "emergency", "testNumbers", index), "real_emergency_number", detail);
  });
}
