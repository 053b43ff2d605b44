import { describe, expect, it } from "vitest";
import { destinationOutcome } from "../../../domain/capacity/outcomes.ts";
import { presentDestination } from "../../../domain/capacity/present.ts";
import { boundsOf, plannedScopes, scopesAt } from "../../../domain/capacity/scopes.ts";
import { destinationOf, settingsOf, trunkOf } from "../../../domain/configuration/older.ts";
import type { Destination, Trunk } from "../../../domain/configuration/model.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import type { TenantId, TrunkId } from "../../../domain/shared/ids.ts";
import { policy } from "./fixture.ts";

const ACME = "acme" as TenantId;
const MAIN = "main" as TrunkId;

function destination(id: string, target: Destination["target"], maxCalls: number | null): Destination {
  const rest = { name: id, enabled: true, ringTimeoutMs: 1, rerouteCauses: null, rateTable: null };
  return destinationOf({ id, target, ...rest, capacity: policy(maxCalls) });
}

const sip = { type: "sip", uri: "sip:{number}@gateway.example" } as const;
const DESTINATIONS = [
  destination("gateway", sip, 30),
  destination("open", sip, null),
  destination("mobile", { type: "number", number: "+15551230009", via: "gateway" }, 2),
];
const source = (trunk: number | null, tenant: number | null) => ({
  settings: settingsOf({ defaultTrunk: MAIN, capacity: policy(tenant) }),
  trunk: () => trunkOf({ ...({ id: MAIN } as Trunk), capacity: policy(trunk) }),
  destination: (id: string) => DESTINATIONS.find((each) => each.id === id) ?? null,
});
const to = (...ids: string[]) => ids.map((id) => ({ id }));

describe("[CAP-1] what a call is counted against", () => {
  it("is nothing where nothing that it meets is bounded", () => {
    expect(boundsOf(source(null, null), ACME, MAIN, to("open"))).toBeNull();
  });

  it("is its tenant, its trunk and where it is, a number's gateway included", () => {
    const bounds = boundsOf(source(9, 9), ACME, MAIN, to("mobile", "open", "gateway"))!;
    const scopes = plannedScopes(bounds);
    expect(scopes).toEqual([
      { of: "tenant", id: "acme" },
      { of: "trunk", id: "main" },
      { of: "destination", id: "mobile", at: [0] },
      { of: "destination", id: "gateway", at: [0, 2] },
    ]);
    expect([0, 1, 2].map((index) => scopesAt(scopes, index).slice(2))).toEqual([
      ["destination/mobile", "destination/gateway"],
      [],
      ["destination/gateway"],
    ]);
  });
});

describe("[CAP-5] where a call is", () => {
  const plan = { action: "route", destinations: to("a", "b", "c") } as unknown as Plan;
  const failed = (...routeIndexes: (number | null)[]) => ({
    failovers: routeIndexes.map((routeIndex, at) => ({ atMs: at, routeIndex, sipCode: 503 })),
  });

  it("is told by what was given up, and by who rings or answers", () => {
    expect(presentDestination({ plan, state: failed() })).toBe(0);
    expect(presentDestination({ plan, state: failed(0) })).toBe(1);
    expect(presentDestination({ plan, state: failed(0), tried: { index: 0, answered: false } })).toBe(1);
    expect(presentDestination({ plan, state: failed(null, null) })).toBe(2);
    expect(presentDestination({ plan, state: failed(), tried: { index: 2, answered: false } })).toBe(2);
    expect(presentDestination({ plan, state: failed(0, 1), tried: { index: 1, answered: true } })).toBe(1);
    expect(presentDestination({ plan, state: failed(0, 1, 2) })).toBe(2);
    expect(presentDestination({ plan: null, state: failed() })).toBeNull();
  });
});

describe("[CAP-7] what an event says of a destination", () => {
  it.each([
    ["call.ringing", {}, "success"],
    ["call.answered", {}, "success"],
    ["call.failed", { sipCode: 486 }, "success"],
    ["call.failover", { sipCode: 503 }, "failure"],
    ["call.failover", {}, "failure"],
    ["call.failed", { sipCode: 408 }, "failure"],
    ["call.failed", { q850: 17 }, "success"],
    ["call.failed", { q850: 38 }, "failure"],
    ["call.failed", { sipCode: 487 }, undefined],
    ["call.cancelled", { sipCode: 487 }, undefined],
    ["call.started", {}, undefined],
    ["call.failover", { sipCode: 503, applied: false }, undefined],
  ] as const)("%s with %j: %s", (name, data, outcome) => {
    expect(destinationOutcome(name, { ...data }, 1)?.outcome).toBe(outcome);
  });

  it("is of the one that it names, else of the one where the call was", () => {
    expect(destinationOutcome("call.failover", { routeIndex: 0 }, 1)?.index).toBe(0);
    expect(destinationOutcome("call.failover", {}, 1)?.index).toBe(1);
    expect(destinationOutcome("call.failover", {}, null)).toBeNull();
  });
});
