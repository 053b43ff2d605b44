import { createPublicKey } from "node:crypto";
import { SignJWT, exportJWK, generateKeyPair, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { LOCAL_AUDIENCE, LOCAL_ISSUER } from "../../../local/tokens.ts";
import type { Answer, Client } from "../client.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, type World } from "../harness.ts";

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const seconds = (fromNow: number): number => Math.floor(Date.now() / 1_000) + fromNow;
const claims = () => ({
  iss: LOCAL_ISSUER,
  aud: LOCAL_AUDIENCE,
  sub: "attacker",
  tenant: "demo",
  roles: ["admin"],
  iat: seconds(0),
  nbf: seconds(0),
  exp: seconds(3_600),
});

type Forge = (world: World) => Promise<string>;

async function signedWithStrangeKey(kid: string | undefined): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256");
  return new SignJWT(claims()).setProtectedHeader({ alg: "ES256", ...(kid === undefined ? {} : { kid }) }).sign(privateKey);
}

/** The mistake of libraries that let the token choose: the public key's bytes as the secret of an HMAC. */
async function hmacWithPublicKey({ secrets }: World): Promise<string> {
  const jwk = secrets.signing.publicKey;
  const pem = createPublicKey({ key: jwk as never, format: "jwk" }).export({ type: "spki", format: "pem" });
  return new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: String(jwk["kid"]) }).sign(Buffer.from(String(pem)));
}

async function withKeyInside(): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  return new SignJWT(claims())
    .setProtectedHeader({ alg: "ES256", kid: "local-1", jwk: await exportJWK(publicKey) })
    .sign(privateKey);
}

async function tampered({ system }: World): Promise<string> {
  const [header, payload, signature] = (await system.token("viewer")).split(".");
  const changed = {
    ...(JSON.parse(Buffer.from(payload!, "base64url").toString()) as object),
    roles: ["admin"],
    tenant: "acme",
  };
  return [header, encoded(changed), signature].join(".");
}

async function withCriticalExtension({ secrets }: World): Promise<string> {
  const key = await importJWK(secrets.signing.privateKey, "ES256");
  return new SignJWT(claims())
    .setProtectedHeader({ alg: "ES256", kid: "local-1", crit: ["urn:strange"], "urn:strange": true })
    .sign(key, { crit: { "urn:strange": true } });
}

const FORGED: readonly (readonly [string, Forge])[] = [
  ["that has expired", ({ system }) => system.token("admin", "demo", { exp: seconds(-120) })],
  ["that never expires", ({ system }) => system.token("admin", "demo", { exp: undefined } as never)],
  ["that is not valid yet", ({ system }) => system.token("admin", "demo", { nbf: seconds(600) })],
  ["of another issuer", ({ system }) => system.token("admin", "demo", { iss: "https://issuer.example" })],
  ["without an issuer", ({ system }) => system.token("admin", "demo", { iss: undefined } as never)],
  ["for another audience", ({ system }) => system.token("admin", "demo", { aud: "billing" })],
  ["without a subject", ({ system }) => system.token("admin", "demo", { sub: undefined } as never)],
  ["without a tenant", ({ system }) => system.token("admin", "demo", { tenant: undefined })],
  ["for a tenant that is a path", ({ system }) => system.token("admin", "demo", { tenant: "../acme" })],
  ["for two tenants", ({ system }) => system.token("admin", "demo", { tenant: ["demo", "acme"] })],
  ["that is not signed (alg none)", async () => `${encoded({ alg: "none", typ: "JWT" })}.${encoded(claims())}.`],
  ["that says nOnE", async () => `${encoded({ alg: "nOnE", kid: "local-1" })}.${encoded(claims())}.`],
  ["without its signature", async ({ system }) => (await system.token("admin")).replace(/[^.]+$/, "")],
  ["with a signature of zeros", async ({ system }) => (await system.token("admin")).replace(/[^.]+$/, "A".repeat(86))],
  ["signed by HMAC with the public key", hmacWithPublicKey],
  ["signed by another key of the same name", () => signedWithStrangeKey("local-1")],
  ["signed by a key of another name", () => signedWithStrangeKey("local-2")],
  ["signed by a key without a name", () => signedWithStrangeKey(undefined)],
  ["that names a key like a file", () => signedWithStrangeKey("../../../dev/null")],
  ["that brings its own key", withKeyInside],
  ["whose payload was changed", tampered],
  ["with a critical extension that nobody knows", withCriticalExtension],
  ["that is a list", async () => `${encoded([])}.${encoded([])}.AAAA`],
  ["of 100 kB", async () => `${encoded({ alg: "ES256" })}.${"A".repeat(100_000)}.AAAA`],
  ["that is a word", async () => "admin"],
];

const isHelpOrRefusal = ([status, lane]: readonly unknown[]): boolean =>
  status === 401 ? lane === null : status === 201 && lane === "emergency";

export function tokens(world: () => World): void {
  const refused = (answer: Answer): void => {
    expect([answer.status, answer.json["code"]]).toEqual([401, "unauthenticated"]);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="trunkline"/);
  };
  const everywhere = async (authorization: string | undefined, check: (answer: Answer) => void) => {
    const { gate, standard } = world();
    for (const client of [gate.as(authorization), standard.as(authorization)]) {
      check(await client.post("/v1/calls", ORDINARY_CALL));
      check(await client.get("/v1/sessions/01900000-0000-7000-8000-000000000000"));
    }
    // Whoever cannot prove who they are is helped where it is known by which trunk, and a bounded number of times ([EMG-14]).
    const emergency = await gate.as(authorization).post("/v1/calls", EMERGENCY_CALL);
    expect([emergency.status, emergency.json["lane"] ?? null]).toSatisfy(isHelpOrRefusal);
  };

  describe("a token", () => {
    it.each(FORGED)(
      "[AUTH-1] [EMG-14] %s is 401 on both lanes; a call for help leads to emergency routes at most",
      async (_, forge) => {
        await everywhere(`Bearer ${await forge(world())}`, refused);
      },
    );

    it("[AUTH-2] is not taken by another scheme, and nothing is taken without one", async () => {
      const token = await world().system.token("admin");
      for (const authorization of [undefined, "", "Bearer", "Bearer ", `Basic ${token}`, `Bearer ${token} ${token}`, token]) {
        await everywhere(authorization, refused);
      }
    });

    it("[AUTH-3] without the role is 403: a viewer and a supervisor read, and post nothing", async () => {
      const { system, gate, standard } = world();
      const id = String((await gate.post("/v1/calls", ORDINARY_CALL)).json["id"]);
      for (const authorization of [`Bearer ${await system.token("viewer")}`, `Bearer ${await system.token("supervisor")}`]) {
        for (const client of [gate.as(authorization), standard.as(authorization)]) {
          expect((await client.post("/v1/calls", ORDINARY_CALL)).json).toMatchObject({ status: 403, code: "forbidden" });
          expect((await client.post(`/v1/sessions/${id}/events`, { type: "ended" })).status).toBe(403);
          expect((await client.post("/pbx/kamailio/events", { callId: "x", type: "call.ended" })).status).toBe(403);
          expect((await client.get(`/v1/sessions/${id}`)).json).toMatchObject({ state: "initiating" });
        }
      }
      for (const roles of [[], ["root"], "superuser", { admin: true }, null]) {
        const nobody = gate.as(`Bearer ${await system.token("viewer", "demo", { roles })}`);
        expect((await nobody.get(`/v1/sessions/${id}`)).status).toBe(403);
      }
    });

    it("[AUTH-4] for a tenant that has no configuration is 403 for calls and sees no session", async () => {
      const { system, gate } = world();
      const id = String((await gate.post("/v1/calls", ORDINARY_CALL)).json["id"]);
      const stranger = gate.as(`Bearer ${await system.token("admin", "nobody")}`);
      expect((await stranger.post("/v1/calls", ORDINARY_CALL)).status).toBe(403);
      expect((await stranger.get(`/v1/sessions/${id}`)).status).toBe(404);
    });
  });

  describe("an API key", () => {
    const swapped = (key: string, index: number, character: string) => key.slice(0, index) + character + key.slice(index + 1);

    it("[AUTH-5] with a wrong secret, of another tenant's name, cut or prolonged is 401", async () => {
      const { demo, acme } = world().system.apiKeys;
      const last = demo.length - 1;
      // Two characters before the end: the very last one carries bits that base64url ignores.
      const other = demo[last - 2] === "A" ? "B" : "A";
      const keys = [
        swapped(demo, last - 2, other),
        demo.slice(0, -1),
        `${demo}A`,
        demo.replace("tlk_demo_", "tlk_acme_"),
        acme.replace("tlk_acme_", "tlk_demo_"),
        `${demo.slice(0, -43)}${acme.slice(-43)}`,
        demo.toUpperCase(),
        "tlk___",
        "tlk_demo_000000000000_",
        `tlk_../demo${demo.slice(8)}`,
      ];
      for (const key of keys) await everywhere(`Bearer ${key}`, refused);
    });

    it("[AUTH-6] of one tenant does not act for another, whatever the request says", async () => {
      const { gate, system } = world();
      const acme = gate.as(`Bearer ${system.apiKeys.acme}`);
      const answer = await acme.post(
        "/v1/calls",
        { ...ORDINARY_CALL, tenant: "demo" },
        { headers: { "trunkline-trunk": "demo/pbx-main", "x-tenant": "demo" } },
      );
      expect(answer.json["plan"]).toMatchObject({ ruleId: "world" });
      expect((await acme.post("/v1/calls", { ...ORDINARY_CALL, trunk: "pbx-main" })).status).toBe(422);
    });

    it("[AUTH-7] that belongs to a trunk is 403 when the call names another one", async () => {
      const { gate, standard, system } = world();
      for (const client of [gate, standard].map((each): Client => each.as(`Bearer ${system.apiKeys.pbx}`))) {
        const route = {
          callId: "bound-1@pbx",
          from: "sip:+15550100100@pbx",
          to: "sip:+15551230001@pbx",
          ruri: "sip:+15551230001@pbx",
        };
        expect((await client.post("/v1/calls", { ...ORDINARY_CALL, trunk: "main" })).json).toMatchObject({
          status: 403,
          code: "forbidden",
        });
        expect((await client.post("/pbx/kamailio/route", { ...route, trunk: "main" })).json["status"]).toBe(403);
        expect((await client.post("/v1/calls", { ...ORDINARY_CALL, trunk: "pbx-main" })).status).toBe(201);
        expect((await client.post("/v1/calls", ORDINARY_CALL)).status).toBe(201);
      }
    });

    it("[AUTH-8] that is no good is not made good by another one beside it", async () => {
      const { gate, system } = world();
      const good = system.apiKeys.demo;
      const bad = `${good.slice(0, -43)}${system.apiKeys.acme.slice(-43)}`;
      expect((await gate.as(`Bearer ${bad}`).post("/v1/calls", ORDINARY_CALL, { headers: { "x-api-key": good } })).status).toBe(
        401,
      );
      expect((await gate.post("/v1/calls", ORDINARY_CALL, { headers: { "webhook-signature": "v1,AAAA" } })).status).toBe(401);
    });

    it("[AUTH-9] a thousand made-up tenants and keys are refused, and good keys go on working", async () => {
      const { gate } = world();
      const made = (index: number) => `Bearer tlk_tenant-${index}_${String(index).padStart(12, "0")}_${"A".repeat(43)}`;
      for (let from = 0; from < 1_000; from += 50) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) => gate.as(made(from + index)).post("/v1/calls", ORDINARY_CALL)),
        );
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
      }
      expect((await gate.post("/v1/calls", ORDINARY_CALL)).status).toBe(201);
      expect((await gate.post("/v1/calls", EMERGENCY_CALL)).status).toBe(201);
    });
  });
}
