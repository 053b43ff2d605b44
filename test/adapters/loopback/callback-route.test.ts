import { Hono } from "hono";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { LegCallback } from "../../../domain/call/carrier.ts";
import { err, ok } from "../../../domain/shared/result.ts";
import type { AppEnv } from "../../../workers/context.ts";
import { carrierRoutes } from "../../../workers/routes/carriers.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const STRANGER = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
const SESSION = "0192f000-0000-7000-8000-000000000001";
const EMERGENCY = "0192f000-0000-7000-a000-000000000001";
const answered = (session = SESSION) =>
  JSON.stringify({ id: "cb_1", type: "answered", leg: `${session}.0`, at: new Date().toISOString() });

/** The route with sessions that answer as the test says. */
function routeTo(outcome: "taken" | "unknown" | "unavailable" = "taken") {
  const given: { session: string; account: string; callback: LegCallback }[] = [];
  const deps = {
    environment: {
      LANE: "standard",
      CARRIER_ACCOUNTS: [{ id: "loopback", kind: "loopback", baseUrl: "http://127.0.0.1:1", secret: SECRET }],
    },
    clock: { nowMs: () => Date.now() },
    meter: { count: () => {} },
    sessions: {
      legCallback: async (session: string, account: string, callback: LegCallback) => {
        given.push({ session, account, callback });
        return outcome === "unavailable" ? err(outcome) : ok({ tag: outcome });
      },
    },
  };
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    c.set("deps", deps as unknown as AppEnv["Variables"]["deps"]);
    c.set("trace", { traceId: "1", traceparent: "00-1-2-01" });
    c.set("requestId", "r");
    await next();
  });
  app.route("/carriers", carrierRoutes());
  const post = async (body: string, secret: string | null = SECRET, { account = "loopback", at = new Date() } = {}) => {
    const headers: Record<string, string> =
      secret === null
        ? {}
        : {
            "webhook-id": "msg_1",
            "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
            "webhook-signature": new Webhook(secret).sign("msg_1", at, body),
          };
    return (await app.request(`/carriers/${account}/events`, { method: "POST", headers, body })).status;
  };
  return { post, given };
}

describe("[CAR-3] POST /carriers/{account}/events", () => {
  it("[CAR-3] gives a callback to its session and answers when that has it, repeated ones too", async () => {
    const { post, given } = routeTo();
    expect([await post(answered()), await post(answered())]).toEqual([200, 200]);
    expect(given).toHaveLength(2);
    expect(given[0]).toMatchObject({
      session: SESSION,
      account: "loopback",
      callback: { type: "answered", leg: `${SESSION}.0` },
    });
  });

  it("[CAR-2] changes nothing when it is not signed by the account, too old, or for an account that is not there", async () => {
    const { post, given } = routeTo();
    expect(await post(answered(), null)).toBe(401);
    expect(await post(answered(), STRANGER)).toBe(401);
    expect(await post(answered(), SECRET, { account: "other" })).toBe(401);
    expect(await post(answered(), SECRET, { at: new Date(Date.now() - 400_000) })).toBe(401);
    expect(given).toEqual([]);
  });

  it("[CAR-2] [CAR-3] says when the leg is not the account's, when the session cannot be reached, and what cannot be read", async () => {
    expect(await routeTo("unknown").post(answered())).toBe(404);
    expect(await routeTo("unavailable").post(answered())).toBe(503);
    expect(await routeTo().post("{")).toBe(400);
    expect(await routeTo().post("{}")).toBe(422);
    const { post, given } = routeTo();
    expect(await post(answered(EMERGENCY))).toBe(421);
    expect(given).toEqual([]);
  });
});
