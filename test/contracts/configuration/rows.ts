/** Rules that a row of their group can say. */
import type fc from "fast-check";
import type { Rule } from "../../../domain/configuration/model.ts";
import { REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import { prefixRule } from "./arbitraries.ts";

export const groupRule = (group: string): fc.Arbitrary<Rule> =>
  prefixRule.map(({ id, prefix, trunk, route, usualCauses, ...rest }) => ({
    ...rest,
    id: id ?? "some",
    group,
    blocker: false,
    activeFromMs: null,
    activeUntilMs: null,
    when: { ...(trunk === null ? {} : { trunk: [trunk] }), callee: { prefix: [prefix] } },
    unless: null,
    action: { ...route, callerIdentity: null, ...(usualCauses ? { rerouteCauses: [...REROUTE_CAUSES] } : {}) },
  }));
