/** Requests that are signed by RFC 9421, and tenants that take nothing else. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { createDataKeys } from "../../adapters/identity/data-keys.ts";
import { trunkSealContext } from "../../adapters/identity/sealing.ts";
import { signatureHeaders } from "../../adapters/identity/standard-webhooks.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import { NO_POLICY } from "../../domain/identity/tenant-policy.ts";
import type { TrunkId } from "../../domain/shared/ids.ts";
import { front } from "./fixture/front.ts";
import { type Answer, ask } from "./fixture/http.ts";
import { type TestTenant, configurationFile, itemsOf, publishItems, unpublishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const TRUNK = "main" as TrunkId;
const SECRET = crypto.getRandomValues(new Uint8Array(32));
const base64 = (bytes: ArrayBuffer | Uint8Array): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const utf8 = (text: string) => new TextEncoder().encode(text);

const CALL = { from: "+15551230001", to: "+15551230002", channel: "pbx" };
const EMERGENCY = { from: "+15551230001", to: "112", channel: "pbx" };
/** As requests of the fixture are addressed. */
const ORIGIN = "https://trunkline.example";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await unpublishedTenant();
  const keys = createDataKeys(parseEnvironment(env));
  const sealed = [await keys.seal(`whsec_${base64(SECRET)}`, trunkSealContext(tenant.id, TRUNK))];
  const bound = tenant.access.apiKeys.map((key) => ({ ...key, ...(key.roles[0] === "integrator" ? { trunk: TRUNK } : {}) }));
  const file = configurationFile("gateway.example");
  const trunks = file["trunks"] as { id: string }[];
  await publishItems(
    { own: env.CONFIG, gate: null },
    tenant.id,
    itemsOf({ ...file, trunks: trunks.map((one) => ({ ...one, auth: ["token", "api_key", "signature"] })) }),
    {
      ...tenant.access,
      apiKeys: bound,
      trunkSecrets: [{ trunk: TRUNK, sealed, ids: ["s1"] }],
      policy: { ...NO_POLICY, signedPermissions: ["sessions:command"], signedTrunks: [TRUNK] },
    },
  );
});

type Signing = { readonly body: string; readonly path?: string; readonly nonce?: string; readonly signedBody?: string };

/** The headers of a signature, made by hand from RFC 9421 §3.1. */
async function signature({ body, path = "/v1/calls", nonce = unique("n"), signedBody = body }: Signing) {
  const digest = `sha-256=:${base64(await crypto.subtle.digest("SHA-256", utf8(signedBody)))}:`;
  const created = Math.floor(Date.now() / 1000);
  const names = '("@method" "@target-uri" "content-digest")';
  const parameters = `${names};created=${created};expires=${created + 60};nonce="${nonce}";keyid="${tenant.id}/main/s1"`;
  const base = `"@method": POST\n"@target-uri": ${ORIGIN}${path}\n"content-digest": ${digest}\n"@signature-params": ${parameters}`;
  const key = await crypto.subtle.importKey("raw", SECRET, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = base64(await crypto.subtle.sign("HMAC", key, utf8(base)));
  return { "Content-Digest": digest, "Signature-Input": `sig=${parameters}`, Signature: `sig=:${mac}:` };
}

async function signed(what: object, changes: Partial<Signing> = {}): Promise<Answer> {
  const body = JSON.stringify(what);
  const { path = "/v1/calls" } = changes;
  return ask(path, { body, headers: await signature({ body, ...changes }) });
}

const codeOf = (answer: Answer) => [answer.status, answer.body["code"]];

describe("[KEY-4] signed requests", () => {
  it("[KEY-4] set calls up for the trunk that signed; the same one again is 401, with another body too", async () => {
    const nonce = unique("n");
    expect((await signed(CALL, { nonce })).status).toBe(201);
    expect(codeOf(await signed(CALL, { nonce }))).toEqual([401, "unauthenticated"]);
    expect(codeOf(await signed(CALL, { signedBody: "{}" }))).toEqual([401, "unauthenticated"]);
  });

  it("[KEY-4] are taken where the body is read after who asks is known, and keep to their trunk", async () => {
    const path = "/v1/api-keys";
    expect(codeOf(await signed({ name: "x", roles: ["admin"] }, { path }))).toEqual([403, "forbidden"]);
  });
});

describe("[KEY-5] what a tenant takes from signed requests alone", () => {
  it("[KEY-5] unsigned it is 401 signature_required: a permission, a trunk's own key, and calls of the trunk", async () => {
    const session = (await signed(CALL)).headers.get("Location")!;
    const command = { body: { command: "note", text: "x" }, key: tenant.key("operator") };
    expect(codeOf(await ask(`${session}/commands`, command))).toEqual([401, "signature_required"]);
    expect(codeOf(await ask(session, { key: tenant.key("integrator") }))).toEqual([401, "signature_required"]);
    expect(codeOf(await ask("/v1/calls", { body: CALL, key: tenant.key("operator") }))).toEqual([401, "signature_required"]);
  });

  it("[KEY-5] so are reports on calls of such a trunk, by whoever is bound to none; what is withheld is nowhere granted", async () => {
    const session = (await signed(CALL)).headers.get("Location")!;
    const report = { type: "ringing", occurredAt: new Date().toISOString() };
    expect(codeOf(await ask(`${session}/events`, { body: report, key: tenant.key("operator") }))).toEqual([
      401,
      "signature_required",
    ]);
    const me = await ask("/v1/me", { key: tenant.key("operator") });
    expect(me.body["permissions"]).toContain("sessions:report");
    expect(me.body["permissions"]).not.toContain("sessions:command");
  });

  it("[AUTH-5] a message of Standard Webhooks sets calls up, and is good for nothing that it does not sign", async () => {
    const byWebhook = async (path: string, what: object) => {
      const body = JSON.stringify(what);
      const headers = await signatureHeaders(`whsec_${base64(SECRET)}`, unique("m"), Date.now(), utf8(body));
      return ask(path, { body, headers: { ...headers, "Trunkline-Trunk": `${tenant.id}/${TRUNK}` } });
    };
    const session = (await byWebhook("/v1/calls", CALL)).headers.get("Location")!;
    const recorded = { callerId: "+15551230001", calleeId: "+15551230002", startedAt: new Date().toISOString() };
    expect(codeOf(await byWebhook("/v1/sessions", recorded))).toEqual([403, "forbidden"]);
    expect(codeOf(await byWebhook(`${session}/commands`, { command: "note", text: "x" }))).toEqual([403, "forbidden"]);
  });

  it("[KEY-5] everything else goes on, also for other trunks", async () => {
    const call = { ...CALL, trunk: "pbx" };
    const answer = await ask("/v1/calls", { body: call, key: tenant.key("operator") });
    expect(answer.status).toBe(201);
    expect((await ask(answer.headers.get("Location")!, { key: tenant.key("viewer") })).status).toBe(200);
  });

  it("[KEY-5] an emergency call is not refused for want of a signature", async () => {
    const door = front(tenant);
    const answer = await door.ask("/v1/calls", { body: EMERGENCY, key: tenant.key("integrator") });
    expect([answer.status, answer.body["lane"]]).toEqual([201, "emergency"]);
  });

  it("[KEY-4] an emergency call is taken twice: nothing is asked on its way that could be away", async () => {
    const door = front(tenant);
    const body = JSON.stringify(EMERGENCY);
    const headers = await signature({ body });
    for (let time = 0; time < 2; time++) expect((await door.ask("/v1/calls", { body, headers })).status).toBe(201);
  });
});
