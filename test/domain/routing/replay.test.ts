import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Call } from "../../../domain/call/call.ts";
import { type CloudEvent, toCloudEvent } from "../../../domain/events/event.ts";
import { type Address, formatAddress } from "../../../domain/numbers/address.ts";
import { readCanonical } from "../../../domain/numbers/canonical.ts";
import { createCallReader, createLineFinder, goesElsewhere, outcomeOf } from "../../../domain/routing/replay.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import { seedOf } from "../../../domain/routing/seed.ts";
import { announce, emptyRow } from "../../../durable-objects/call-session/steps.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { CALL, IDENTITY, REJECTED, ROUTED, START_MS, TENANT, at, sessionId } from "../call/fixtures.ts";

const ALWAYS = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

/** The events of a call's set-up, as they lie in the store. */
function stored(seed: number, call: Call, plan: Plan): CloudEvent[] {
  const identity = { ...IDENTITY, id: sessionId(seed) };
  const row = announce(emptyRow(identity, START_MS), call, plan, null, at(START_MS + seed));
  return row.events.map((event) => toCloudEvent(event, TENANT, identity.id));
}

const readAll = (events: readonly CloudEvent[]) => {
  const reader = createCallReader(TENANT, ALWAYS);
  return events.map((event) => reader.add(JSON.stringify(event))).filter((read) => read !== null);
};

describe("[EXP-3] calls are read back from the store", () => {
  it("[EXP-1] with all that decided them, at the time at which they were decided", () => {
    const call: Call = { ...CALL, metadata: { tier: "gold" }, trail: "t1;0011aabb" };
    expect(readAll(stored(3, call, { ...ROUTED, turn: 17 }))).toEqual([
      {
        session: sessionId(3),
        atMs: START_MS + 3,
        call: {
          trunk: call.trunk,
          channel: call.channel,
          priority: call.priority,
          from: call.from,
          to: call.to,
          metadata: { tier: "gold" },
          trail: "t1;0011aabb",
          seed: seedOf(sessionId(3)),
          turn: 17,
        },
        decided: {
          action: "route",
          destinations: ["carrier-a"],
          rewrittenTo: null,
          sipCode: null,
          ruleId: "us",
          decidedBy: "rule",
        },
        asked: null,
      },
    ]);
  });

  it("each once, though the events of many calls stand between each other", () => {
    const calls = Array.from({ length: 50 }, (_, seed) => stored(seed + 1, CALL, seed % 2 === 0 ? ROUTED : REJECTED));
    const interleaved = [0, 1, 2].flatMap((place) => calls.map((events) => events[place]!));
    const sessions = readAll(interleaved).map((read) => (read === "unreadable" ? read : read.session));
    expect(sessions).toEqual(calls.map(([event]) => event!.subject));
  });

  it("but not emergencies and refusals by a limit, which no configuration decides", () => {
    for (const decidedBy of ["emergency", "static_emergency", "toll_limit", "capacity"] as const)
      expect(readAll(stored(1, CALL, { ...ROUTED, decidedBy }))).toEqual([]);
  });

  it("by what the configuration said, where some destination had no room or was resting", () => {
    const [received, routed, opened] = stored(1, CALL, ROUTED);
    const data = { ...routed!.data, destinations: ["carrier-b"], asDecided: ["carrier-a", "carrier-b"] };
    const [read] = readAll([received!, { ...routed!, data }, opened!]);
    expect(read).toMatchObject({ decided: { destinations: ["carrier-a", "carrier-b"] } });
  });

  it("and what cannot be read is said, not passed over", () => {
    const [received, routed] = stored(1, CALL, ROUTED);
    expect(readAll([{ ...received!, data: { ...received!.data, to: "nobody knows" } }, routed!])).toEqual(["unreadable"]);
  });

  it("and so is what is not even an event", () => {
    expect(createCallReader(TENANT, ALWAYS).add("{")).toBe("unreadable");
  });

  it("by lines that are found before they are parsed", () => {
    const lines = stored(1, CALL, ROUTED).map((event) => JSON.stringify(event));
    const text = lines.map((line) => `${line}\n`).join("");
    expect(createLineFinder(TENANT)(text)).toEqual(lines.slice(0, 2));
    expect(createLineFinder(TENANT)(lines.slice(0, 2).reverse().join("\n"))).toEqual(lines.slice(0, 2).reverse());
    expect(createLineFinder("another" as TenantId)(text)).toEqual([]);
    expect(createLineFinder(TENANT)("")).toEqual([]);
  });

  it("each once within a partition, though the store has its events twice", () => {
    const [received, routed] = stored(1, CALL, ROUTED).map((event) => JSON.stringify(event));
    for (const order of [
      [received, routed, received, routed],
      [received, received, routed, routed],
      [routed, received, routed],
      [received, routed, routed, received],
    ]) {
      const reader = createCallReader(TENANT, ALWAYS);
      expect(order.map((line) => reader.add(line!)).filter((read) => read !== null)).toHaveLength(1);
      expect(reader.incomplete()).toBe(0);
    }
  });
});

describe("[EXP-3] a call goes elsewhere", () => {
  const before = outcomeOf(ROUTED);
  it("when its destinations, their order, or the refusal change", () => {
    expect(goesElsewhere(before, { ...before, destinations: ["carrier-b"] })).toBe(true);
    expect(goesElsewhere({ ...before, destinations: ["a", "b"] }, { ...before, destinations: ["b", "a"] })).toBe(true);
    expect(goesElsewhere(before, outcomeOf(REJECTED))).toBe(true);
    expect(goesElsewhere(before, { ...before, rewrittenTo: "+15551239999" })).toBe(true);
    expect(goesElsewhere(outcomeOf(REJECTED), { ...outcomeOf(REJECTED), sipCode: 404 })).toBe(true);
  });
  it("but not when only the rule is another", () => {
    expect(goesElsewhere(before, { ...before, ruleId: "another", decidedBy: "profile" })).toBe(false);
  });
});

describe("[EXP-3] addresses come back from their canonical text as they were", () => {
  const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{${min - 1},${max - 1}}$`));
  const address: fc.Arbitrary<Address> = fc.oneof(
    digits(4, 15).map((text): Address => ({ kind: "e164", e164: `+${text}` })),
    digits(2, 6).map((text): Address => ({ kind: "short", digits: text })),
    fc.constantFrom<Address>(
      { kind: "anonymous" },
      { kind: "urn", urn: "urn:service:sos.fire" },
      { kind: "sip", uri: "sip:bob@example.com;transport=tcp", user: "bob", host: "example.com" },
      { kind: "sip", uri: "sip:example.com", user: null, host: "example.com" },
    ),
  );
  it("whatever they are", () => {
    fc.assert(fc.property(address, (known) => void expect(readCanonical(formatAddress(known))).toEqual(known)));
  });
  it("and other text is none", () => {
    for (const text of ["", "+", "bob", "tel:123", "+12x", "http://example.com"]) expect(readCanonical(text)).toBeNull();
  });
});
