import { describe, expect, it } from "vitest";
import { classifyEmergency } from "../../../domain/numbers/emergency.ts";
import { decideEmergency } from "../../../domain/routing/decide.ts";
import { EMERGENCY_REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import { CONFIGURATION, VERSION, tableOf } from "./fixtures.ts";

const STATIC = {
  destinations: [
    { id: "static-1", uri: "sip:{number}@198.51.100.1", ringTimeoutMs: 20_000 },
    { id: "static-2", uri: "sip:{number}@198.51.100.2", ringTimeoutMs: 20_000 },
  ],
  numberForUrn: "911",
};
const dialled = (text: string) => {
  const call = classifyEmergency(text);
  if (call === null) throw new Error(`${text} is no emergency call`);
  return call;
};
const idsOf = ({ destinations }: { readonly destinations: readonly { readonly id: string }[] }) =>
  destinations.map(({ id }) => id);

describe("[RTE-6] an emergency call", () => {
  it("goes to every emergency destination in order, whatever the rules say", () => {
    const barred = {
      id: "none",
      match: { prefix: "" },
      trunk: null,
      action: { type: "reject" as const, sipCode: 403, reason: "Barred" },
    };
    const plan = decideEmergency(tableOf({ rules: [barred] }), STATIC, dialled("911"));
    expect(plan).toMatchObject({ action: "route", ruleId: null, candidates: [], snapshotVersion: VERSION });
    expect(plan.destinations).toEqual([
      { id: "psap-1", uri: "sip:911@psap-1.example", ringTimeoutMs: 15_000, rerouteCauses: EMERGENCY_REROUTE_CAUSES },
      { id: "psap-2", uri: "sip:desk@psap-2.example", ringTimeoutMs: 15_000, rerouteCauses: EMERGENCY_REROUTE_CAUSES },
    ]);
  });

  it("that is a test never dials the number that answers: the test number stands for the test URN", () => {
    const uris = decideEmergency(tableOf({}), STATIC, dialled("urn:service:test.sos")).destinations.map(({ uri }) => uri);
    expect(uris).toEqual(["sip:933@psap-1.example", "sip:desk@psap-2.example"]);
    expect(decideEmergency(null, STATIC, dialled("urn:service:test.sos.fire")).destinations[0]?.uri).toBe(
      "sip:933@198.51.100.1",
    );
  });

  it("by service URN is dialled as the number that stands for it", () => {
    const uris = (text: string, table: Parameters<typeof decideEmergency>[0]) =>
      decideEmergency(table, STATIC, dialled(text)).destinations.map(({ uri }) => uri);
    expect(uris("urn:service:sos.ambulance", tableOf())[0]).toBe("sip:112@psap-1.example");
    expect(uris("urn:service:sos", null)[0]).toBe("sip:911@198.51.100.1");
    expect(uris("112", null)[0]).toBe("sip:112@198.51.100.1");
  });
});

describe("[RTE-7] without a configuration", () => {
  it("an emergency call takes the static destinations, all of them in order", () => {
    const plan = decideEmergency(null, STATIC, dialled("112"));
    expect(plan).toMatchObject({ action: "route", snapshotVersion: null });
    expect(idsOf(plan)).toEqual(["static-1", "static-2"]);
  });

  it.each([[[]], [["gone"]]])("and likewise when the configuration leads nowhere (%j)", (destinations) => {
    const table = tableOf({ emergency: { ...CONFIGURATION.emergency, destinations } });
    const plan = decideEmergency(table, STATIC, dialled("112"));
    expect(plan.snapshotVersion).toBeNull();
    expect(idsOf(plan)).toEqual(["static-1", "static-2"]);
  });
});
