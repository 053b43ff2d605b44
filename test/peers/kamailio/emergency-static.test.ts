/** The example proxy and its static answering point: which calls come to it, and as which number. */
import { describe, expect, it } from "vitest";
import { rtjson } from "../../../adapters/carriers/kamailio/rtjson.ts";
import { EMERGENCY_REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import { sessionId } from "../../domain/call/fixtures.ts";
import { kamailioAvailable } from "./harness.ts";
import { field } from "./refusing-gateway.ts";
import { PORT, proxyStage } from "./stage.ts";

const available = kamailioAvailable();
if (!available) console.warn("Skipped: Kamailio with a static answering point needs the programs kamailio and sipp.");

const [first, second] = PORT.destinations;

/** As Trunkline answers for an emergency call to two destinations. */
function answerFor({ isTest, together }: { readonly isTest: boolean; readonly together: boolean }): Record<string, unknown> {
  const to = (port: number) => ({
    id: `to-${port}`,
    type: "sip" as const,
    uri: `sip:112@127.0.0.1:${port}`,
    ringTimeoutMs: 8_000,
    rerouteCauses: EMERGENCY_REROUTE_CAUSES,
  });
  return rtjson(
    {
      action: "route",
      executor: "peer",
      decidedBy: "emergency",
      ruleId: null,
      candidates: [],
      snapshotVersion: "v",
      destinations: [to(first), together ? { ...to(second), together: true } : to(second)],
      emergency: { service: "urn:service:sos", isTest, callback: null, dialled: isTest ? "933" : "112" },
    },
    sessionId(7),
    "emergency",
  );
}

const uriOf = (dialled: string): string => (dialled.startsWith("urn:") ? dialled : `sip:${dialled}@127.0.0.1:${PORT.sip}`);

describe.skipIf(!available)("[KAM-16] [KAM-20] Kamailio's static answering point", () => {
  const { begin, controlPlane, gateway, refuses, call } = proxyStage("112");

  it.each([
    ["one after another", false],
    ["together", true],
  ])("[EMG-6] has no test whose destinations fail %s, and the test pre-empts nobody on its way", async (_, together) => {
    await begin(answerFor({ isTest: true, together }));
    const refusing = [await refuses(first, "486 Busy Here"), await refuses(second, "486 Busy Here")];
    const last = await gateway(PORT.staticPsap, "psap");
    const called = await call({ course: "refused", sipCode: 486 }, ["Resource-Priority: esnet.1"], uriOf("0112"));
    expect(called).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(last.requests("INVITE")).toEqual([]);
    for (const { invites } of refusing) {
      const [invite = ""] = invites();
      expect([field(invite, "X-Trunkline-Test"), field(invite, "Resource-Priority")]).toEqual(["yes", null]);
    }
  });

  it.each(["9933", "urn:service:test.sos"])("[EMG-6] has no test without a plan: %s is 503", async (dialled) => {
    await begin({});
    controlPlane().behave({ route: 500 });
    const last = await gateway(PORT.staticPsap, "psap");
    expect(await call({ course: "refused", sipCode: 503 }, [], uriOf(dialled))).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(last.requests("INVITE")).toEqual([]);
  });

  it.each([
    ["8112", 200, "112"],
    ["urn:service:sos", 200, "112"],
    ["9,911%23", 500, "911"],
    ["+112", 500, "112"],
    ["933", 200, "112"],
  ])("[EMG-1] gets %s, after an answer of %d, as %s", async (dialled, status, number) => {
    await begin(answerFor({ isTest: false, together: false }));
    if (status !== 200) controlPlane().behave({ route: status });
    await refuses(first, "486 Busy Here");
    await refuses(second, "486 Busy Here");
    const last = await gateway(PORT.staticPsap, "psap");
    expect(await call({ course: "answered" }, [], uriOf(dialled))).toMatchObject({ ok: 1, failed: 0, errors: "" });
    const [invite = ""] = last.requests("INVITE");
    expect(invite.split("\r\n")[0]).toBe(`INVITE sip:${number}@127.0.0.1:${PORT.staticPsap} SIP/2.0`);
    expect(field(invite, "Resource-Priority")).toBe("esnet.1");
  });
});
