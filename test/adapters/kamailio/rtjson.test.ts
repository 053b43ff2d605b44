import { describe, expect, it } from "vitest";
import { rtjson } from "../../../adapters/carriers/kamailio/rtjson.ts";
import { EMERGENCY_REROUTE_CAUSES, type Plan, REROUTE_CAUSES, type RerouteCause } from "../../../domain/routing/plan.ts";
import { REJECTED, sessionId } from "../../domain/call/fixtures.ts";

const SESSION = sessionId(1);

type RoutePlan = Extract<Plan, { action: "route" }>;

function planTo(uris: readonly string[], rerouteCauses: readonly RerouteCause[] = REROUTE_CAUSES): RoutePlan {
  return {
    action: "route",
    executor: "peer",
    decidedBy: "rule",
    ruleId: "us",
    candidates: ["us"],
    snapshotVersion: "v1",
    destinations: uris.map((uri, index) => ({
      id: `d${index}`,
      type: "sip",
      uri,
      ringTimeoutMs: 20_000 + index,
      rerouteCauses,
    })),
  };
}

describe("[KAM-1] a plan that routes", () => {
  it("is an rtjson document whose routes are tried one after another, in order", () => {
    const plan = planTo(["sip:+15551230002@10.0.0.1:5060;transport=tcp", "sip:desk@b.example"]);
    const headers = { extra: `X-Trunkline-Session: ${SESSION}\r\n` };
    expect(rtjson(plan, SESSION, "standard")).toEqual({
      version: "1.0",
      routing: "serial",
      routes: [
        {
          uri: "sip:+15551230002@10.0.0.1:5060;transport=tcp",
          dst_uri: "sip:10.0.0.1:5060;transport=tcp",
          headers,
          fr_timer: 2_000,
          fr_inv_timer: 20_000,
        },
        { uri: "sip:desk@b.example", dst_uri: "sip:b.example", headers, fr_timer: 2_000, fr_inv_timer: 20_001 },
      ],
      session: SESSION,
      lane: "standard",
      rerouteCodes: "408|477|478|500|502|503|504;408|477|478|500|502|503|504",
    });
  });

  it("says what goes along with the call: its trail, its queue, how long it may last, and what all failing means", () => {
    const plan: RoutePlan = {
      ...planTo(["sip:support@pbx.example"]),
      destinations: [{ ...planTo(["sip:support@pbx.example"]).destinations[0]!, type: "queue", target: "support" }],
      trail: "t1;0011aabb",
      maxDurationMs: 90_500,
      otherwise: { sipCode: 480, reason: "Nobody is here" },
    };
    expect(rtjson(plan, SESSION, "standard")).toMatchObject({
      routes: [
        {
          headers: {
            extra: `X-Trunkline-Session: ${SESSION}\r\nX-Trunkline-Trail: t1;0011aabb\r\nX-Trunkline-Queue: support\r\n`,
          },
        },
      ],
      maxDurationS: 91,
      otherwise: { code: 480, reason: "Nobody is here" },
    });
  });

  it("shows another caller to the callee, or none", () => {
    const shown = (caller: RoutePlan["caller"]) =>
      (
        rtjson(
          { ...planTo(["sips:a@gw.example:5061;lr"]), ...(caller === undefined ? {} : { caller }) },
          SESSION,
          "standard",
        ) as {
          routes: { headers: { from?: unknown; extra: string } }[];
        }
      ).routes[0]!.headers;
    expect(shown(undefined).from).toBeUndefined();
    expect(shown({ number: null, isPrivate: false }).from).toBeUndefined();
    expect(shown({ number: "+4930123", isPrivate: false })).toMatchObject({
      from: { display: "", uri: "sips:+4930123@gw.example:5061;user=phone" },
    });
    const withheld = shown({ number: "+4930123", isPrivate: true });
    expect(withheld.from).toEqual({ display: "Anonymous", uri: "sip:anonymous@anonymous.invalid" });
    expect(withheld.extra).toContain("Privacy: id\r\n");
    expect(JSON.stringify(withheld)).not.toContain("4930123");
  });

  it.each([
    ["sip:10.0.0.1", "sip:10.0.0.1"],
    ["sips:a@[2001:db8::1]:5061", "sips:[2001:db8::1]:5061"],
    ["sip:a%40b;x=1@host.example;lr", "sip:host.example;lr"],
  ])("[KAM-2] sends %s to %s: the next hop has no user", (uri, nextHop) => {
    const document = rtjson(planTo([uri]), SESSION, "standard") as { routes: { dst_uri: string }[] };
    expect(document.routes[0]!.dst_uri).toBe(nextHop);
  });

  it("marks emergency calls with their resource priority (RFC 7135)", () => {
    const document = rtjson(planTo(["sip:112@psap.example"]), SESSION, "emergency");
    expect(JSON.stringify(document)).toContain("Resource-Priority: esnet.1\\r\\n");
    expect(document["lane"]).toBe("emergency");
  });
});

describe("[EMG-11] [KAM-19] an emergency plan", () => {
  const help = (changes: Partial<RoutePlan> = {}): RoutePlan => ({
    ...planTo(["sip:112@psap.example"], EMERGENCY_REROUTE_CAUSES),
    emergency: { service: "urn:service:sos", isTest: false, callback: "+4930123456" },
    ...changes,
  });
  type Document = { readonly routes: { readonly headers: { readonly extra: string } }[] };
  const fields = (plan: RoutePlan, about?: Parameters<typeof rtjson>[3]): string[] =>
    (rtjson(plan, SESSION, "emergency", about) as Document).routes[0]!.headers.extra.split("\r\n");
  const GEOLOCATION = "https://edge.example/v1/emergency/locations/a~b~c";

  it("[KAM-20] [EMG-11] [EMG-12] says where the caller is, and by which number the caller can be called back", () => {
    expect(fields(help(), { geolocation: GEOLOCATION })).toEqual([
      `X-Trunkline-Session: ${SESSION}`,
      "Resource-Priority: esnet.1",
      `Geolocation: <${GEOLOCATION}>`,
      "Geolocation-Routing: yes",
      "P-Asserted-Identity: <tel:+4930123456>",
      "",
    ]);
  });

  it("[EMG-11] says nothing of a location that nobody knows, or of a number that is none", () => {
    expect(fields(help({ emergency: { service: "urn:service:sos", isTest: false, callback: null } }))).toEqual([
      `X-Trunkline-Session: ${SESSION}`,
      "Resource-Priority: esnet.1",
      "",
    ]);
    const wrong = { geolocation: "https://a/\r\nX: y", assertedIdentity: "+1\r\nX: y" };
    expect(fields(help(), wrong)).toEqual([`X-Trunkline-Session: ${SESSION}`, "Resource-Priority: esnet.1", ""]);
  });

  it("[EMG-12] never asks for privacy and never hides the caller's number from those who are to help, on either lane", () => {
    for (const lane of ["emergency", "standard"] as const) {
      const caller = { number: null, isPrivate: true };
      expect(JSON.stringify(rtjson(help({ caller }), SESSION, lane))).not.toMatch(/Privacy|anonymous/i);
      expect(JSON.stringify(rtjson(help(), SESSION, lane))).toContain("P-Asserted-Identity");
    }
    expect(
      JSON.stringify(rtjson(help({ caller: { number: "+4930123456", isPrivate: false } }), SESSION, "emergency")),
    ).toContain("sip:+4930123456@psap.example;user=phone");
  });

  it("[EMG-6] says of a test that it is one", () => {
    const emergency = { service: "urn:service:sos", isTest: true, dialled: "933" };
    const plan = help({ emergency: { ...emergency, callback: "+4930123456" } });
    expect(fields(plan)).toContain("X-Trunkline-Test: yes");
    expect(rtjson(plan, SESSION, "emergency")["emergency"]).toEqual(emergency);
    expect(fields(help()).join()).not.toContain("Test");
  });

  it("[EMG-6] [KAM-20] asks for no priority for a test, which must not take the place of somebody in need", () => {
    const plan = help({ emergency: { service: "urn:service:sos", isTest: true, callback: null } });
    expect(fields(plan).join()).not.toContain("Resource-Priority");
  });

  it("[EMG-9] [KAM-19] names which destinations ring together, with the codes of all of them, and nothing where none do", () => {
    const { destinations } = planTo(["sip:a@h", "sip:b@h", "sip:c@h", "sip:d@h"]);
    const plan = help({
      destinations: [
        destinations[0]!,
        { ...destinations[1]!, rerouteCauses: [486] },
        { ...destinations[2]!, rerouteCauses: [503], together: true },
        { ...destinations[3]!, rerouteCauses: [] },
      ],
    });
    const document = rtjson(plan, SESSION, "emergency");
    expect(document).toMatchObject({ groups: "0;1;1;2", routing: "serial" });
    expect(document["rerouteCodes"]).toBe("408|477|478|500|502|503|504;486|503;486|503;");
    expect(rtjson(help(), SESSION, "emergency")).not.toHaveProperty("groups");
  });
});

describe("[KAM-3] the codes after which the next route is tried", () => {
  const codesOf = (causes: readonly RerouteCause[]) =>
    String(rtjson(planTo(["sip:a@b"], causes), SESSION, "standard")["rerouteCodes"]);
  const rerouted = (causes: readonly RerouteCause[], code: number): boolean =>
    new RegExp(`^(?:${codesOf(causes)})$`).test(String(code));

  it("are alternatives of a regular expression, each once and in order", () => {
    expect(codesOf([503, "unreachable", 408])).toBe("408|477|478|503");
    expect(codesOf([503])).toBe("503");
    expect(codesOf([])).toBe("");
  });

  it("are each destination's own, in the order of the routes", () => {
    const [first, second] = planTo(["sip:a@b", "sip:c@d"]).destinations;
    const plan: RoutePlan = {
      ...planTo([]),
      destinations: [
        { ...first!, rerouteCauses: [486] },
        { ...second!, rerouteCauses: [] },
        { ...first!, rerouteCauses: [503] },
      ],
    };
    expect(rtjson(plan, SESSION, "standard")["rerouteCodes"]).toBe("486;;503");
  });

  it("never match busy, declined or cancelled for an ordinary call", () => {
    for (const code of [486, 487, 600, 603, 180, 200, 404, 480]) expect(rerouted(REROUTE_CAUSES, code)).toBe(false);
    for (const code of [408, 477, 478, 500, 502, 503, 504]) expect(rerouted(REROUTE_CAUSES, code)).toBe(true);
  });

  it("match a busy or declining answering point for an emergency call", () => {
    for (const code of [486, 600, 603, 403, 404, 408, 503]) expect(rerouted(EMERGENCY_REROUTE_CAUSES, code)).toBe(true);
    expect(rerouted(EMERGENCY_REROUTE_CAUSES, 487)).toBe(false);
  });
});

describe("[KAM-4] a plan that rejects", () => {
  it("has the code and reason and no routes", () => {
    expect(rtjson(REJECTED, SESSION, "standard")).toEqual({
      version: "1.0",
      reject: { code: 403, reason: "Premium numbers are barred" },
      routes: [],
      session: SESSION,
      lane: "standard",
    });
  });
});
