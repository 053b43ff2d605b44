/** What the called user's profile says about a call. */
import type { Profile } from "../configuration/model.ts";
import type { PartyFacts } from "./facts.ts";
import type { Rejection } from "./plan.ts";
import { BLOCKED, UNAVAILABLE } from "./rejections.ts";

export type ProfileVerdict =
  | { readonly tag: "refused"; readonly reject: Rejection; readonly because: "blocked" | "withheld" | "do_not_disturb" }
  /** Calls go to another destination for now. */
  | { readonly tag: "diverted"; readonly destination: string };

/** The number itself, or a prefix that ends in `*`. */
export function matchesEntry(entry: string, key: string): boolean {
  return entry.endsWith("*") ? key.startsWith(entry.slice(0, -1)) : entry === key;
}

/** @returns null when the profile has nothing against the call. */
export function judge(profile: Profile, caller: PartyFacts): ProfileVerdict | null {
  for (const entry of profile.blockedCallers) {
    if (matchesEntry(entry, caller.key)) return { tag: "refused", reject: BLOCKED, because: "blocked" };
  }
  if (profile.blockWithheld && caller.withheld) return { tag: "refused", reject: BLOCKED, because: "withheld" };
  if (!profile.doNotDisturb) return null;
  return profile.diversion === null
    ? { tag: "refused", reject: UNAVAILABLE, because: "do_not_disturb" }
    : { tag: "diverted", destination: profile.diversion };
}
