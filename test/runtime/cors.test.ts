import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { hashApiKeySecret } from "../../adapters/identity/api-key-check.ts";
import { validateAnswer } from "../../contracts/openapi/api.ts";
import { SUBPROTOCOL } from "../../contracts/live.ts";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../../domain/identity/api-key.ts";
import { NO_POLICY } from "../../domain/identity/tenant-policy.ts";
import { front } from "./fixture/front.ts";
import { ask } from "./fixture/http.ts";
import { upgrade } from "./fixture/socket.ts";
import { type TestTenant, configurationFile, itemsOf, publishItems, unpublishedTenant } from "./fixture/tenant.ts";

const DESK = "https://desk.example.org";
const EVIL = "https://evil.example";
const OWN = "https://trunkline.example";
const EMERGENCY = { from: "+15551230001", to: "112", channel: "mobile" };

let tenant: TestTenant;
let receptionKey: string;

beforeAll(async () => {
  tenant = await unpublishedTenant();
  const minted = mintApiKey(tenant.id, crypto.getRandomValues(new Uint8Array(API_KEY_RANDOM_BYTES)));
  receptionKey = minted.text;
  const roles = ["reception", "gone"];
  const record = { id: minted.keyId, tenant: tenant.id, secretHash: await hashApiKeySecret(minted.secret), roles };
  const access = {
    ...tenant.access,
    apiKeys: [...tenant.access.apiKeys, record],
    roles: [{ id: "reception", permissions: ["sessions:read", "config:read"] as const }],
    policy: { ...NO_POLICY, corsOrigins: [DESK] },
  };
  await publishItems({ own: env.CONFIG, gate: null }, tenant.id, itemsOf(configurationFile("gateway.example")), access);
});

const from = (origin: string, path = "/v1/me") => ask(path, { key: tenant.key("operator"), headers: { Origin: origin } });

describe("[API-7] pages in a browser", () => {
  it("ask where the tenant names their origin, and read what an answer says", async () => {
    const allowed = await from(DESK);
    expect([allowed.status, allowed.headers.get("Access-Control-Allow-Origin")]).toEqual([200, DESK]);
    expect(allowed.headers.get("Vary")).toContain("Origin");
    expect(allowed.headers.get("Access-Control-Expose-Headers")).toMatch(/ETag.*Location.*RateLimit.*X-Request-Id/);
    expect(allowed.headers.has("Access-Control-Allow-Credentials")).toBe(false);
    expect((await from(OWN)).status).toBe(200);
    const plain = await ask("/v1/me", { key: tenant.key("operator") });
    expect([plain.status, plain.headers.has("Access-Control-Allow-Origin")]).toEqual([200, false]);
  });

  it("of other origins are refused before anything is done, and read nothing", async () => {
    for (const origin of [EVIL, "null", "http://desk.example.org", `${DESK}.evil.example`]) {
      const refused = await from(origin);
      expect([refused.status, refused.body["code"]]).toEqual([403, "origin_not_allowed"]);
      expect(refused.headers.has("Access-Control-Allow-Origin")).toBe(false);
      expect(validateAnswer("getMe", 403, refused.body)).toEqual([]);
    }
    const headers = { Origin: EVIL, "Idempotency-Key": "evil" };
    const call = { from: "+15551230001", to: "+15551230002", channel: "api", callId: "evil-1" };
    expect((await ask("/v1/calls", { key: tenant.key("operator"), body: call, headers })).status).toBe(403);
    const after = await ask("/v1/calls", { key: tenant.key("operator"), body: call });
    expect(after.status).toBe(201);
  });

  it("get preflights answered without credentials, on both lanes, and see why a token is refused", async () => {
    const headers = { Origin: EVIL, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "if-match" };
    const door = front(tenant);
    for (const preflight of [
      await ask("/v1/users/ann", { method: "OPTIONS", headers }),
      await door.ask("/v1/users/ann", { method: "OPTIONS", headers }),
    ]) {
      expect([preflight.status, preflight.headers.get("Access-Control-Allow-Origin")]).toEqual([204, EVIL]);
      expect(preflight.headers.get("Access-Control-Allow-Methods")).toContain("PATCH");
      expect(preflight.headers.get("Access-Control-Allow-Headers")).toMatch(/Authorization.*Idempotency-Key.*If-Match/);
      expect(Number(preflight.headers.get("Access-Control-Max-Age"))).toBeGreaterThan(0);
    }
    expect(door.standard.received).toEqual([]);
    const unknown = await ask("/v1/me", { headers: { Origin: EVIL } });
    expect([unknown.status, unknown.headers.get("Access-Control-Allow-Origin")]).toEqual([401, EVIL]);
  });

  it("open sockets from the same origins alone, by ticket and by key", async () => {
    const { body } = await ask("/v1/live/tickets", { key: tenant.key("viewer"), body: {}, headers: { Origin: DESK } });
    const path = `/v1/live?ticket=${String(body["ticket"])}`;
    const offered = { "Sec-WebSocket-Protocol": SUBPROTOCOL };
    expect((await upgrade(path, { ...offered, Origin: EVIL })).status).toBe(403);
    // What was refused has not used the ticket up.
    const opened = await upgrade(path, { ...offered, Origin: DESK });
    expect(opened.status).toBe(101);
    opened.webSocket!.accept();
    opened.webSocket!.close();
    const byKey = { ...offered, Authorization: `Bearer ${tenant.key("viewer")}`, Origin: EVIL };
    expect((await upgrade("/v1/live", byKey)).status).toBe(403);
  });

  it("are put through in an emergency, whatever their origin; those that are let in read the answer", async () => {
    const call = (Origin: string) =>
      front(tenant).ask("/v1/calls", { key: tenant.key("operator"), body: EMERGENCY, headers: { Origin } });
    const strange = await call(EVIL);
    expect([strange.status, strange.headers.has("Access-Control-Allow-Origin")]).toEqual([201, false]);
    const own = await call(DESK);
    expect([own.status, own.headers.get("Access-Control-Allow-Origin")]).toEqual([201, DESK]);
  });
});

describe("[ORG-2] a role of the tenant's own", () => {
  it("[API-10] lets its keys do what it grants and nothing else, and says so", async () => {
    const me = await ask("/v1/me", { key: receptionKey });
    expect(me.body).toMatchObject({ tenant: tenant.id, via: "api_key", roles: ["reception"], inDirectory: false });
    expect(me.body["permissions"]).toEqual(["sessions:read", "config:read"]);
    expect(validateAnswer("getMe", 200, me.body)).toEqual([]);
    expect((await ask("/v1/live/tickets", { key: receptionKey, body: {} })).status).toBe(201);
    expect((await ask("/v1/roles", { key: receptionKey })).status).toBe(403);
    expect((await ask("/v1/users", { key: receptionKey })).status).toBe(403);
  });
});
