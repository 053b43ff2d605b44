import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { locationReference } from "../../adapters/identity/location-reference.ts";
import { readPidfLo } from "../../domain/location/pidf-lo.ts";
import type { SessionId } from "../../domain/shared/ids.ts";
import { ask } from "./fixture/http.ts";
import { front } from "./fixture/front.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

const PLACE = { type: "geodetic", latitude: 52.52, longitude: 13.4, uncertaintyM: 12 };
const HOUR_MS = 3_600_000;

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

/** A call for help through the gate, and its session. */
async function callFrom(location: unknown): Promise<SessionId> {
  const body = { from: "+15551230001", to: "112", channel: "mobile", ...(location === null ? {} : { location }) };
  const answer = await front(tenant).ask("/v1/calls", { key: tenant.key("integrator"), body });
  expect(answer.status).toBe(201);
  return answer.body["id"] as SessionId;
}
const referenceTo = (session: SessionId, untilMs = Date.now() + HOUR_MS): Promise<string> =>
  locationReference(env.CONFIG_KEY, session, untilMs);
const dereference = (reference: string) => front(tenant).ask(`/v1/emergency/locations/${reference}`);

describe("[EMG-11] whoever has the reference to a caller's location", () => {
  it("gets it as PIDF-LO, without credentials, to be kept by no cache", async () => {
    const answer = await dereference(await referenceTo(await callFrom(PLACE)));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/pidf+xml");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(readPidfLo(answer.text)).toEqual(PLACE);
    expect(answer.text).not.toContain("5551230001");
  });

  it("gets nothing where it is expired, changed, or of a call that said nothing", async () => {
    const session = await callFrom(PLACE);
    const good = await referenceTo(session);
    const changed = good.slice(0, -1) + (good.endsWith("0") ? "1" : "0");
    const all = [
      await referenceTo(session, Date.now() - 1_000),
      changed,
      "x",
      session,
      await referenceTo(await callFrom(null)),
    ];
    for (const reference of all)
      expect(await dereference(reference)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  it("of a call on the other lane is answered there", async () => {
    const body = { from: "+15551230001", to: "+15551230002", channel: "api", location: PLACE };
    const call = await ask("/v1/calls", { key: tenant.key("integrator"), body });
    const reference = await referenceTo(call.body["id"] as SessionId);
    expect(await ask(`/v1/emergency/locations/${reference}`)).toMatchObject({ status: 200 });
    expect(await dereference(reference)).toMatchObject({ body: { from: "standard" } });
    expect((await ask(`/v1/emergency/locations/${await referenceTo(await callFrom(PLACE))}`)).status).toBe(404);
  });
});
