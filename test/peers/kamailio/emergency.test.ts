/** The example proxy with calls for help: what it says of them, and destinations that ring together. */
import { createSocket } from "node:dgram";
import { describe, expect, it } from "vitest";
import { rtjson } from "../../../adapters/carriers/kamailio/rtjson.ts";
import { parseRouteRequest } from "../../../adapters/carriers/kamailio/wire.ts";
import { EMERGENCY_REROUTE_CAUSES, type Plan } from "../../../domain/routing/plan.ts";
import { until } from "../../../local/deadline.ts";
import { sessionId } from "../../domain/call/fixtures.ts";
import { kamailioAvailable } from "./harness.ts";
import { field } from "./refusing-gateway.ts";
import { PORT, REPORT_DEADLINE_MS, proxyStage } from "./stage.ts";

const available = kamailioAvailable();
if (!available) console.warn("Skipped: what Kamailio does with a call for help needs the programs kamailio and sipp.");

const [first, second, third] = PORT.destinations;
const SESSION = sessionId(7);
/** More than a plan for help may have before a static one takes its place. */
const MOST_DESTINATIONS = 24;
const LOCATION = "https://edge.example/v1/emergency/locations/a~b~c";
const PIDF = `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
  xmlns:gml="http://www.opengis.net/gml" entity="pres:bob@pbx.example"><tuple id="a"><status><gp:geopriv><gp:location-info>
  <gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>52.52 13.405</gml:pos></gml:Point>
  </gp:location-info><gp:usage-rules/></gp:geopriv></status></tuple></presence>`;

type RoutePlan = Extract<Plan, { action: "route" }>;

/** As Trunkline answers for such a plan. @param together places of destinations that ring with the one before them. */
function answerFor(ports: readonly number[], together: readonly number[]): Record<string, unknown> {
  const plan: RoutePlan = {
    action: "route",
    executor: "peer",
    decidedBy: "emergency",
    ruleId: null,
    candidates: [],
    snapshotVersion: "v",
    destinations: ports.map((port, place) => ({
      id: `d${place}`,
      type: "sip",
      uri: `sip:112@127.0.0.1:${port}`,
      ringTimeoutMs: 8_000,
      rerouteCauses: EMERGENCY_REROUTE_CAUSES,
      ...(together.includes(place) ? { together: true as const } : {}),
    })),
    emergency: { service: "urn:service:sos", isTest: false, callback: "+4930123456" },
  };
  return rtjson(plan, SESSION, "emergency", { geolocation: LOCATION });
}

describe.skipIf(!available)("[KAM-19] Kamailio with a call for help", () => {
  const { begin, gateway, refuses, call, controlPlane, reportsOf } = proxyStage("112");
  /** Type, place and code of what was reported of the call, up to its end. */
  const story = async (last: string): Promise<readonly string[]> =>
    (await reportsOf(last)).map(({ type, routeIndex, sipCode }) =>
      [type.slice(5), routeIndex, sipCode].filter((each) => each != null).join(" "),
    );

  it("[KAM-20] [EMG-9] [EMG-11] [EMG-12] lets a group ring at once: who answers first has the call, the other is cancelled, and both are told of the caller", async () => {
    await begin(answerFor(PORT.destinations, [1]));
    const [slow, quick, behind] = [
      await gateway(first, "rings"),
      await gateway(second, "answer"),
      await gateway(third, "answer"),
    ];
    const hidden = [
      "Privacy: id",
      "Geolocation: <https://lis.example/held/4f1c>",
      "P-Asserted-Identity: <sip:bob@pbx.example>",
    ];
    expect(await call({ course: "answered" }, hidden)).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect([quick.requests("BYE").length, quick.requests("CANCEL").length]).toEqual([1, 0]);
    expect(await until(() => slow.requests("CANCEL").length > 0, REPORT_DEADLINE_MS)).toBe(true);
    expect(behind.requests("INVITE")).toEqual([]);
    for (const invite of [slow.requests("INVITE")[0] ?? "", quick.requests("INVITE")[0] ?? ""]) {
      expect(invite.match(/^(?:Geolocation|P-Asserted-Identity|Resource-Priority): .*/gim)).toHaveLength(3);
      expect(field(invite, "Resource-Priority")).toBe("esnet.1");
      expect(field(invite, "Geolocation")).toBe(`<${LOCATION}>`);
      expect(field(invite, "Geolocation-Routing")).toBe("yes");
      expect(field(invite, "P-Asserted-Identity")).toBe("<tel:+4930123456>");
      expect(field(invite, "Privacy")).toBeNull();
      expect(field(invite, "X-Trunkline-Session")).toBe(SESSION);
    }
    const told = await story("call.ended");
    expect(told.filter((each) => each.startsWith("ringing")).toSorted()).toEqual(["ringing 0 180", "ringing 1 180"]);
    expect(told.filter((each) => !each.startsWith("ringing"))).toEqual(["started", "answered 1 200", "ended"]);
  });

  it("[EMG-9] [CALL-9] goes on behind a group of which all have failed, also when one declines, and reports each once", async () => {
    await begin(answerFor(PORT.destinations, [1]));
    await refuses(first, "486 Busy Here");
    await refuses(second, "603 Decline");
    const last = await gateway(third, "answer");
    expect(await call({ course: "answered" })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(last.sessions().size).toBe(1);
    expect((await story("call.ended")).filter((each) => !each.startsWith("ringing"))).toEqual([
      "started",
      "failover 0 486",
      "failover 1 603",
      "answered 2 200",
      "ended",
    ]);
  });

  it("[KAM-16] leaves a plan that has failed, groups and all, for the static answering point", async () => {
    await begin(answerFor(PORT.destinations.slice(0, 2), [1]));
    await refuses(first, "486 Busy Here");
    const last = await gateway(PORT.staticPsap, "psap");
    expect(await call({ course: "answered" }, ["Privacy: id"])).toMatchObject({ ok: 1, failed: 0, errors: "" });
    const [invite = ""] = last.requests("INVITE");
    expect([field(invite, "Resource-Priority"), field(invite, "Privacy")]).toEqual(["esnet.1", null]);
    expect((await story("call.ended")).filter((each) => each.startsWith("failover"))).toEqual([
      "failover 0 486",
      "failover 1 408",
    ]);
  });

  it("[EMG-9] tries as many destinations one after another as a plan may have", async () => {
    const full = Array.from({ length: MOST_DESTINATIONS - 1 }, () => first);
    await begin(answerFor([...full, second], []));
    const refusing = await refuses(first, "503 Service Unavailable");
    const last = await gateway(second, "answer");
    expect(await call({ course: "answered" })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(refusing.invites()).toHaveLength(MOST_DESTINATIONS - 1);
    expect(last.sessions().size).toBe(1);
  });

  it("[KAM-18] says what came with a call: its location, by value and by reference, and that an answering point calls back", async () => {
    await begin({ reject: { code: 480, reason: "Later" }, routes: [] });
    const parts = ["application/sdp", "v=0", "application/pidf+xml", PIDF];
    const body = `--b1\r\nContent-Type: ${parts[0]}\r\n\r\n${parts[1]}\r\n--b1\r\nContent-Type: ${parts[2]}\r\nContent-ID: <a@b>\r\n\r\n${parts[3]}\r\n--b1--\r\n`;
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => void socket.bind(PORT.caller, "127.0.0.1", () => resolve()));
    const lines = [
      `INVITE sip:+15551230001@127.0.0.1:${PORT.sip} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${PORT.caller};branch=z9hG4bK-besides`,
      `From: <sip:anonymous@anonymous.invalid>;tag=a`,
      `To: <sip:+15551230001@127.0.0.1:${PORT.sip}>`,
      "Call-ID: besides@127.0.0.1",
      "CSeq: 1 INVITE",
      "Max-Forwards: 70",
      `Contact: <sip:a@127.0.0.1:${PORT.caller}>`,
      "Priority: psap-callback",
      "Privacy: id",
      "P-Asserted-Identity: <sip:+4930999@127.0.0.1>",
      "Geolocation: <https://lis.example/held/4f1c?x=1>",
      "Content-Type: multipart/mixed; boundary=b1",
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    socket.send(`${lines.join("\r\n")}\r\n\r\n${body}`, PORT.sip, "127.0.0.1");
    await until(() => controlPlane().questions().length > 0, REPORT_DEADLINE_MS);
    await new Promise<void>((resolve) => void socket.close(() => resolve()));
    const question = controlPlane().questions()[0]!;
    expect(question).toMatchObject({
      callback: true,
      privacy: "id",
      assertedIdentity: "sip:+4930999@127.0.0.1",
      geolocation: "https://lis.example/held/4f1c?x=1",
    });
    expect(question["location"]?.trim()).toBe(PIDF);
    const taken = parseRouteRequest({ ...question });
    expect(taken.ok && taken.value).toMatchObject({ location: question["location"], callback: true });
  });
});
