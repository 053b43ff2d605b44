import { describe, expect, it } from "vitest";
import { carrierOf } from "../../../adapters/carriers/accounts.ts";
import { createGuard } from "../../../adapters/platform/guard.ts";
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import type { PlaceLeg } from "../../../domain/call/carrier.ts";
import type { SessionId, TenantId } from "../../../domain/shared/ids.ts";
import { place } from "./place.ts";

const SESSION = "0192f000-0000-7000-8000-000000000001" as SessionId;
const LEG: PlaceLeg = {
  leg: `${SESSION}.0`,
  session: SESSION,
  tenant: "demo" as TenantId,
  uri: "sip:+15551230001@127.0.0.1",
  from: null,
  isPrivate: true,
  ringTimeoutMs: 15_000,
  traceparent: "00-11111111111111111111111111111111-2222222222222222-01",
};
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
/** Nobody listens there. */
const ACCOUNT = { id: "main", kind: "loopback", baseUrl: "http://127.0.0.1:1", secret: SECRET } as const;

describe("[RES-1] a carrier that is away", () => {
  it("is not asked for legs until a pause is over, but to end them, and for those of emergencies", async () => {
    const { isolate, clock } = place();
    const breakers = isolate();
    const guard = createGuard({ breakers, clock, meter: createMeter({}) });
    const standard = carrierOf([ACCOUNT], "main", { guard, insists: false })!;
    const emergency = carrierOf([ACCOUNT], "main", { guard, insists: true })!;
    const inVain = { ok: false, error: { tag: "unavailable", reason: "no answer in time" } };
    const notAsked = { ok: false, error: { tag: "unavailable", reason: "known to be away" } };
    for (let time = 0; time < 5; time++) expect(await standard.place(LEG)).toEqual(inVain);
    expect(breakers.state("carrier:main")).toBe("open");
    expect(await standard.place(LEG)).toEqual(notAsked);
    expect(await standard.status(LEG.leg)).toEqual(notAsked);
    expect(await standard.end(LEG.leg, { unlessAnswered: true })).toEqual(inVain);
    expect(await emergency.place(LEG)).toEqual(inVain);
    clock.ms += 600;
    expect(await standard.place(LEG)).toEqual(inVain);
  });
});
