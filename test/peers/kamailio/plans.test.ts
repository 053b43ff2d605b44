/** The example proxy carries out what a plan says beyond its destinations. */
import { describe, expect, it } from "vitest";
import { kamailioAvailable } from "./harness.ts";
import { field } from "./refusing-gateway.ts";
import { PORT, proxyStage } from "./stage.ts";

const available = kamailioAvailable();
if (!available) console.warn("Skipped: what Kamailio does with a plan needs the programs kamailio and sipp.");

const [first, second] = PORT.destinations;

describe.skipIf(!available)("[KAM-17] Kamailio with a plan that says more than where to go", () => {
  const { refuses, gateway, call, controlPlane, reportsOf, ...stage } = proxyStage("+15551230001");
  const begin = (plan: Readonly<Record<string, unknown>>) => stage.begin(plan, [first, second]);
  const answers = (port: number) => gateway(port, "answer");

  it("goes on after a busy destination where that destination's codes say so, and not where the next one's do", async () => {
    await begin({ rerouteCodes: "486;503" });
    await refuses(first, "486 Busy Here");
    const other = await answers(second);
    expect(await call({ course: "answered" })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(other.sessions().size).toBe(1);
  });

  it("stops at a destination without codes", async () => {
    await begin({ rerouteCodes: ";486" });
    await refuses(first, "486 Busy Here");
    const other = await answers(second);
    expect(await call({ course: "refused", sipCode: 486 })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(other.sessions().size).toBe(0);
  });

  it("never asks twice who declined, whatever the codes say", async () => {
    await begin({ rerouteCodes: "603;603" });
    await refuses(first, "603 Decline");
    const other = await answers(second);
    expect(await call({ course: "refused", sipCode: 603 })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(other.sessions().size).toBe(0);
  });

  it("tells the caller what the plan has for the case that all destinations fail", async () => {
    await begin({ rerouteCodes: "486;486", otherwise: { code: 480, reason: "Nobody is here" } });
    await refuses(first, "486 Busy Here");
    await refuses(second, "486 Busy Here");
    expect(await call({ course: "refused", sipCode: 480 })).toMatchObject({ ok: 1, failed: 0, errors: "" });
  });

  it("shows the caller as the plan says, sends the trail along and replaces the one that came", async () => {
    const from = { display: "Anonymous", uri: "sip:anonymous@anonymous.invalid" };
    const extra = "X-Trunkline-Session: s1\r\nX-Trunkline-Trail: t1;0011aabb,2233ccdd\r\nPrivacy: id\r\n";
    const dst = `sip:127.0.0.1:${first}`;
    await begin({
      routes: [{ uri: `sip:x@127.0.0.1:${first}`, dst_uri: dst, headers: { from, extra } }],
      rerouteCodes: "",
    });
    const refusing = await refuses(first, "404 Not Found");
    await call({ course: "refused", sipCode: 404 }, ["X-Trunkline-Trail: t1;0011aabb"]);
    expect(controlPlane().questions()[0]).toMatchObject({ trail: "t1;0011aabb" });
    const [invite = ""] = refusing.invites();
    expect(field(invite, "From")).toMatch(/^"?Anonymous"? <sip:anonymous@anonymous\.invalid>/);
    expect(invite.match(/X-Trunkline-Trail:/gi)).toHaveLength(1);
    expect(field(invite, "X-Trunkline-Trail")).toBe("t1;0011aabb,2233ccdd");
    expect(field(invite, "Privacy")).toBe("id");
  });

  it("ends a call that has lasted as long as it may, on both sides, and reports it", async () => {
    await begin({ maxDurationS: 1 });
    await answers(first);
    expect(await call({ course: "cut off" })).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect((await reportsOf("call.ended")).map(({ type }) => type)).toEqual([
      "call.started",
      "call.ringing",
      "call.answered",
      "call.ended",
    ]);
  });

  it("reports the network's own cause beside the SIP code", async () => {
    await begin({ rerouteCodes: "503;" });
    await refuses(first, "503 Service Unavailable", ['Reason: Q.850;cause=38;text="Network out of order"']);
    await refuses(second, "404 Not Found", ["Reason: Q.850 ;cause=1"]);
    await call({ course: "refused", sipCode: 404 });
    const told = (await reportsOf("call.failed")).filter(({ type }) => /failover|failed/.test(type));
    expect(told.map(({ type, sipCode, q850 }) => [type, sipCode, q850])).toEqual([
      ["call.failover", 503, 38],
      ["call.failed", 404, 1],
    ]);
  });
});
