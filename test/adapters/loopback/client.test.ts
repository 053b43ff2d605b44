import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { accountOf, carrierOf } from "../../../adapters/carriers/accounts.ts";
import { loopbackCarrier } from "../../../adapters/carriers/loopback/client.ts";
import type { CarrierAccount } from "../../../contracts/environment.ts";
import type { PlaceLeg } from "../../../domain/call/carrier.ts";
import type { SessionId, TenantId } from "../../../domain/shared/ids.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const SESSION = "0192f000-0000-7000-8000-000000000001" as SessionId;
const LEG = `${SESSION}.0`;
const PLACE: PlaceLeg = {
  leg: LEG,
  session: SESSION,
  tenant: "demo" as TenantId,
  uri: "sip:+15551230001@127.0.0.1",
  from: null,
  isPrivate: true,
  ringTimeoutMs: 15_000,
  traceparent: "00-11111111111111111111111111111111-2222222222222222-01",
};

type Seen = { readonly method: string; readonly url: string; readonly headers: Record<string, string>; readonly body: string };

/** A carrier that answers everything alike; null: never. */
async function carrierThatSays(
  answer: { status: number; body?: unknown; headers?: Record<string, string> } | null,
  deadlineMs?: number,
) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    seen.push({ method: request.method!, url: request.url!, headers: request.headers as Record<string, string>, body });
    if (answer !== null) response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { carrier: loopbackCarrier({ baseUrl, secret: SECRET }, undefined, deadlineMs), seen, server };
}

const leg = (state: string, rest = {}) => ({ leg: LEG, state, ...rest });

describe("[CAR-2] requests to the loopback carrier", () => {
  it("[CAR-2] are signed as the Standard Webhooks library checks it, under an id that names what is asked of which leg", async () => {
    const { carrier, seen } = await carrierThatSays({ status: 201, body: leg("dialling") });
    expect(await carrier.place(PLACE)).toEqual({ ok: true, value: { tag: "dialling" } });
    await carrier.end(LEG, { unlessAnswered: true });
    await carrier.end(LEG, { unlessAnswered: false });
    await carrier.status(LEG);
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /legs",
      `POST /legs/${LEG}/cancel`,
      `POST /legs/${LEG}/hangUp`,
      `GET /legs/${LEG}`,
    ]);
    for (const { headers, body } of seen.slice(0, 3))
      expect(new Webhook(SECRET).verify(body, headers)).toEqual(JSON.parse(body));
    const asked = seen.map(({ headers }) => headers["webhook-id"]!.slice(0, -37));
    expect(asked).toEqual([`place.${LEG}`, `cancel.${LEG}`, `hangUp.${LEG}`, `status.${LEG}`]);
    expect(new Set(seen.map(({ headers }) => headers["webhook-id"])).size).toBe(4);
    expect(seen[0]!.headers["traceparent"]).toBe(PLACE.traceparent);
    expect(JSON.parse(seen[0]!.body)).toEqual({
      leg: LEG,
      session: SESSION,
      tenant: "demo",
      uri: PLACE.uri,
      from: null,
      private: true,
      ringTimeoutMs: 15_000,
    });
  });

  it("[LEG-8] give what the carrier knows of the leg", async () => {
    const at = "2026-05-04T10:00:00.250Z";
    const asked = async (body: unknown) => (await carrierThatSays({ status: 200, body })).carrier.status(LEG);
    expect(await asked(leg("ringing"))).toEqual({ ok: true, value: { tag: "ringing" } });
    expect(await asked(leg("answered", { answeredAt: at }))).toEqual({
      ok: true,
      value: { tag: "answered", answeredAtMs: Date.parse(at) },
    });
    expect(await asked(leg("ended", { endedAt: at, sipCode: 486, q850: 17 }))).toEqual({
      ok: true,
      value: { tag: "ended", endedAtMs: Date.parse(at), answeredAtMs: null, sipCode: 486, q850: 17 },
    });
    const { carrier } = await carrierThatSays({ status: 404, body: { reason: "no such leg" } });
    expect(await carrier.status(LEG)).toEqual({ ok: true, value: { tag: "unknown" } });
    expect(await carrier.end(LEG, { unlessAnswered: true })).toEqual({ ok: true, value: { tag: "unknown" } });
  });

  it.each([
    [
      "refuses with a code",
      { status: 403, body: { sipCode: 403, reason: "barred" } },
      { tag: "refused", sipCode: 403, reason: "barred" },
    ],
    ["refuses without a word", { status: 401, body: "?" }, { tag: "refused", sipCode: null, reason: "" }],
    ["does not know where legs are placed", { status: 404, body: {} }, { tag: "refused", sipCode: null, reason: "" }],
    [
      "sends us elsewhere",
      { status: 307, body: {}, headers: { location: "http://127.0.0.1:1/" } },
      { tag: "refused", sipCode: null, reason: "" },
    ],
    ["says later", { status: 429, body: {} }, { tag: "unavailable", reason: "status 429" }],
    ["is broken", { status: 500, body: {} }, { tag: "unavailable", reason: "status 500" }],
    [
      "answers nonsense",
      { status: 200, body: { state: "dialling" } },
      { tag: "unavailable", reason: "the answer is not about this leg" },
    ],
    [
      "speaks of another leg",
      { status: 200, body: { leg: `${SESSION}.1`, state: "dialling" } },
      { tag: "unavailable", reason: "the answer is not about this leg" },
    ],
  ])("[LEG-7] a carrier that %s", async (_, answer, error) => {
    const { carrier } = await carrierThatSays(answer);
    expect(await carrier.place(PLACE)).toEqual({ ok: false, error });
  });

  it("[LEG-7] a carrier that hangs or is away is unavailable in time, and nothing rejects", async () => {
    const unavailable = { ok: false, error: { tag: "unavailable", reason: "no answer in time" } };
    const { carrier, server } = await carrierThatSays(null, 100);
    expect(await carrier.place(PLACE)).toEqual(unavailable);
    server.closeAllConnections();
    server.close();
    expect(await carrier.place(PLACE)).toEqual(unavailable);
  });
});

describe("[CAR-1] accounts", () => {
  const accounts: CarrierAccount[] = [{ id: "loopback", kind: "loopback", baseUrl: "http://127.0.0.1:1", secret: SECRET }];
  it("[CAR-1] give the carrier by their id, and nothing for one that does not exist", () => {
    expect(carrierOf(accounts, "loopback")?.capabilities).toEqual(["hang_up", "redirect", "status"]);
    expect(carrierOf(accounts, "other")).toBeNull();
    expect(accountOf(accounts, "other")).toBeNull();
  });
});
