import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { parseWebhookSecret } from "../../../adapters/identity/standard-webhooks.ts";
import { NOW_MS, NOW_S, type Sent, edge, refused } from "./tenant-fixture.ts";

const whsec = () => `whsec_${randomBytes(32).toString("base64")}`;
const CURRENT = whsec();
const NEXT = whsec();
const BODY = JSON.stringify({ type: "call.answered", callId: "a84b4c76e66710@pbx", note: "Grüße ☎" });

const TRUNKS: Record<string, string[]> = {
  "acme/berlin": [CURRENT, NEXT],
  "acme/paris": [whsec()],
  "umbrella/berlin": [whsec()],
};
const pbx = () =>
  edge({
    trunkKeys: async (tenant, trunk) => (TRUNKS[`${tenant}/${trunk}`] ?? []).map((stored) => ({ id: null, stored })),
  });

const sign = (secret: string, body = BODY, atS = NOW_S, id = "msg_1") =>
  new Webhook(secret).sign(id, new Date(atS * 1000), body);

function signed(signature: string, changes: Record<string, string> = {}, rest: Omit<Sent, "headers"> = {}): Sent {
  return {
    headers: {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(NOW_S),
      "webhook-signature": signature,
      "trunkline-trunk": "acme/berlin",
      ...changes,
    },
    body: BODY,
    ...rest,
  };
}

const accepted = {
  ok: true,
  value: {
    tenant: "acme",
    subject: "trunk:berlin",
    roles: ["integrator"],
    scopes: ["calls:create", "sessions:report", "pii:read"],
    via: "signature",
    trunk: "berlin",
  },
};

describe("[AUTH-5] requests signed by a PBX", () => {
  it("[AUTH-5] are accepted as the Standard Webhooks library signs them, for the trunk that is named", async () => {
    expect(await pbx().authenticate(signed(sign(CURRENT)))).toEqual(accepted);
  });

  it("[AUTH-5] may name the trunk in the query instead, and must not name two", async () => {
    const sent = signed(sign(CURRENT), {}, { url: "https://api.example/pbx/kamailio/events?trunk=acme/berlin" });
    const { "trunkline-trunk": _, ...headers } = sent.headers!;
    expect(await pbx().authenticate({ ...sent, headers })).toEqual(accepted);
    expect(await pbx().authenticate(sent)).toEqual(accepted);
    const other = { ...sent, url: "https://api.example/pbx/kamailio/events?trunk=acme/paris" };
    expect(await pbx().authenticate(other)).toEqual(refused("bad_credentials"));
  });

  it("[AUTH-5] verify with each secret during a rotation, and when several signatures are sent", async () => {
    expect(await pbx().authenticate(signed(sign(NEXT)))).toEqual(accepted);
    expect(await pbx().authenticate(signed(`${sign(whsec())} ${sign(NEXT)}`))).toEqual(accepted);
    expect(await pbx().authenticate(signed(`v1a,AAAA ${sign(CURRENT)}`))).toEqual(accepted);
    expect(await pbx().authenticate(signed(`${sign(whsec())} ${sign(whsec())}`))).toEqual(refused("bad_signature"));
  });

  it("[AUTH-5] cover bodies of any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (body) => {
        const key = Buffer.from(CURRENT.slice("whsec_".length), "base64");
        const mac = createHmac("sha256", key).update(`msg_1.${NOW_S}.`).update(body).digest("base64");
        expect(await pbx().authenticate(signed(`v1,${mac}`, {}, { body }))).toEqual(accepted);
      }),
      { numRuns: 30 },
    );
  });

  it("[AUTH-5] are refused when any byte of the body was changed", async () => {
    const original = new TextEncoder().encode(BODY);
    const signature = sign(CURRENT);
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const body = original.slice();
        body[at]! ^= flip;
        expect(await pbx().authenticate(signed(signature, {}, { body }))).toEqual(refused("bad_signature"));
      }),
      { numRuns: 50 },
    );
  });

  it("[AUTH-5] are refused when the id or the time is not the signed one", async () => {
    expect(await pbx().authenticate(signed(sign(CURRENT), { "webhook-id": "msg_2" }))).toEqual(refused("bad_signature"));
    const later = signed(sign(CURRENT), { "webhook-timestamp": String(NOW_S + 1) });
    expect(await pbx().authenticate(later)).toEqual(refused("bad_signature"));
  });

  it("[AUTH-5] are refused when they are more than 300 s old or ahead", async () => {
    for (const [offsetS, answer] of [
      [-300, accepted],
      [300, accepted],
      [-301, refused("replayed_or_stale")],
      [301, refused("replayed_or_stale")],
    ] as const) {
      const atS = NOW_S + offsetS;
      const sent = signed(sign(CURRENT, BODY, atS), { "webhook-timestamp": String(atS) });
      expect(await pbx().authenticate(sent)).toEqual(answer);
    }
  });

  it("[AUTH-5] are refused when another trunk or another tenant signed, or the trunk has no secret", async () => {
    for (const name of ["acme/paris", "umbrella/berlin", "acme/nowhere"]) {
      const sent = signed(sign(CURRENT), { "trunkline-trunk": name });
      expect(await pbx().authenticate(sent)).toEqual(refused("bad_signature"));
    }
  });

  it("[AUTH-5] are refused for a trunk without a secret, also when signed with nothing but zeros", async () => {
    const zeros = `whsec_${Buffer.alloc(24).toString("base64")}`;
    const sent = signed(sign(zeros), { "trunkline-trunk": "acme/nowhere" });
    expect(await pbx().authenticate(sent)).toEqual(refused("bad_signature"));
  });

  it.each([
    ["no trunk", { "trunkline-trunk": "" }],
    ["a trunk without a tenant", { "trunkline-trunk": "berlin" }],
    ["a trunk that is no slug", { "trunkline-trunk": "acme/../berlin" }],
    ["no id", { "webhook-id": "" }],
    ["no time", { "webhook-timestamp": "" }],
    ["a time that is no number", { "webhook-timestamp": `${NOW_S}.0` }],
    ["a time with a sign", { "webhook-timestamp": `+${NOW_S}` }],
  ])("[AUTH-5] are refused with %s", async (_what, changes) => {
    expect(await pbx().authenticate(signed(sign(CURRENT), changes))).toEqual(refused("bad_credentials"));
  });

  it.each(["", "v1", "v1,", "v1,????", "v2,AAAA", `v1,${"A".repeat(42)}`])(
    "[AUTH-5] are refused with the signature %j",
    async (signature) => {
      expect(await pbx().authenticate(signed(signature))).toEqual(refused("bad_signature"));
    },
  );

  it("[AUTH-5] follow the clock that is given", async () => {
    const api = pbx();
    const sent = signed(sign(CURRENT));
    api.nowMs = NOW_MS + 300_999;
    expect(await api.authenticate(sent)).toEqual(accepted);
    api.nowMs = NOW_MS + 301_000;
    expect(await api.authenticate(sent)).toEqual(refused("replayed_or_stale"));
  });

  it("[AUTH-5] need a secret of at least 24 bytes", () => {
    const secretOf = (length: number) => `whsec_${Buffer.alloc(length, 7).toString("base64")}`;
    expect(parseWebhookSecret(secretOf(24)).ok).toBe(true);
    expect(parseWebhookSecret(secretOf(23))).toEqual({ ok: false, error: "bad_webhook_secret" });
    expect(parseWebhookSecret("whsec_not base64!")).toEqual({ ok: false, error: "bad_webhook_secret" });
  });
});
