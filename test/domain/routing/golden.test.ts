import { describe, expect, it } from "vitest";
import { classifyEmergency } from "../../../domain/numbers/emergency.ts";
import { decide } from "../../../domain/routing/decide.ts";
import { decideEmergency } from "../../../domain/routing/emergency.ts";
import { plainRouter } from "../../../domain/routing/plain-router.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import type { Replies } from "../../../domain/routing/question.ts";
import type { RouterSource } from "../../../domain/routing/router.ts";
import { type GoldenCase, type Scenario, callOf, scenarios } from "../../golden/routing/scenarios.ts";
import { referenceSource } from "./reference.ts";

/** Where emergency calls go when the configuration does not say. */
const STATIC = {
  destinations: [{ id: "static-psap", uri: "sip:{number}@198.51.100.1", ringTimeoutMs: 20_000 }],
  numberForUrn: "112",
};

/** As the gate does: what is an emergency call takes the other lane. */
function planOf(source: RouterSource, { configuration }: Scenario, given: GoldenCase): Plan {
  const profile = configuration.trunks.find(({ id }) => id === given.trunk)?.dialProfile;
  const emergency = classifyEmergency(given.dialled, profile);
  if (emergency !== null) {
    const { from } = callOf(given, configuration);
    const nowMs = Date.parse(given.at);
    return decideEmergency(source, STATIC, emergency, { trunk: given.trunk, from, location: null, countries: [], nowMs });
  }
  const replies: Replies = () => given.answer;
  const decision = decide(source, callOf(given, configuration), Date.parse(given.at), undefined, replies);
  if (decision.tag !== "decided") throw new Error("a source that has everything misses nothing");
  return decision.plan;
}

/** In the words of the scenarios: destinations by name or by URI where that is how they are expected. */
function excerpt(plan: Plan, expected: GoldenCase["expect"]): Record<string, unknown> {
  const { destinations, ...rest } = plan;
  const plain = Array.isArray(expected["destinations"]) && expected["destinations"].every((one) => typeof one === "string");
  return {
    ...rest,
    destinations: plain ? destinations.map(({ id }) => id) : destinations,
    uris: destinations.map(({ uri }) => uri),
    absent: absentOf(plan, expected["absent"]),
  };
}

/** Which of the fields the plan does not have. */
function absentOf(plan: Plan, fields: unknown): readonly string[] {
  return Array.isArray(fields) ? fields.map(String).filter((field) => !Object.hasOwn(plan, field)) : [];
}

const ALL = scenarios();

describe.each([...new Set(ALL.map(({ topic }) => topic))])("[RTE-24] %s", (topic) => {
  it.each(ALL.filter((scenario) => scenario.topic === topic))("$name", (scenario) => {
    for (const given of scenario.cases) {
      const atMs = Date.parse(given.at);
      for (const source of [plainRouter(scenario.configuration, atMs), referenceSource(scenario.configuration)]) {
        const plan = excerpt(planOf(source, scenario, given), given.expect);
        // The call and the reason stand beside the plan for whoever reads a failure.
        const context = { call: given.call, at: given.at, why: scenario.why };
        expect({ ...context, plan }).toMatchObject({ ...context, plan: given.expect });
      }
    }
  });
});

describe("[RTE-2] [RTE-3] [RTE-16] [RTE-20] the catalogue", () => {
  it("has a hundred scenarios, each with a name of its own", () => {
    expect(ALL.length).toBeGreaterThanOrEqual(100);
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
  });
});
