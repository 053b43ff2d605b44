import { describe, expect, it } from "vitest";
import { parseCallback } from "../../../adapters/carriers/accounts.ts";
import { isSignedBy, isTimely, signatureHeaders, signedHeaders } from "../../../adapters/identity/standard-webhooks.ts";
import { Webhook } from "standardwebhooks";

const SESSION = "0192f000-0000-7000-8000-000000000001";
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const AT = "2026-05-04T10:00:00.250Z";
const callback = (fields: Record<string, unknown>) =>
  parseCallback("loopback", { id: "cb_1", leg: `${SESSION}.2`, at: AT, ...fields });
const COMMON = { id: "cb_1", leg: `${SESSION}.2`, session: SESSION, atMs: Date.parse(AT) };

describe("[CAR-3] a callback of the loopback carrier", () => {
  it.each([
    [{ type: "ringing" }, { type: "ringing" }],
    [{ type: "answered" }, { type: "answered" }],
    [
      { type: "failed", sipCode: 486, q850: 17 },
      { type: "failed", sipCode: 486, q850: 17 },
    ],
    [{ type: "failed" }, { type: "failed", sipCode: null, q850: null }],
    [
      { type: "ended", q850: 16, answeredAt: AT },
      { type: "ended", sipCode: null, q850: 16, answeredAtMs: Date.parse(AT) },
    ],
    [{ type: "callerHungUp" }, { type: "caller_hung_up" }],
  ])("[CAR-3] %j", (said, meant) => {
    expect(callback(said)).toEqual({ ok: true, value: { ...COMMON, ...meant } });
  });

  it.each([
    ["/type", { type: "transferred" }],
    ["/leg", { type: "ringing", leg: "12" }],
    ["/leg", { type: "ringing", leg: "0192f000-0000-4000-8000-000000000001.0" }],
    ["/at", { type: "ringing", at: "yesterday" }],
    ["/sipCode", { type: "failed", sipCode: 7 }],
    ["/id", { type: "ringing", id: "" }],
  ])("[CAR-3] is refused for its %s: %j", (pointer, said) => {
    expect(callback(said)).toMatchObject({ ok: false, error: [{ pointer }] });
  });
});

describe("[CAR-2] signatures that we make", () => {
  const body = new TextEncoder().encode('{"a":"Grüße ☎"}');
  it("[CAR-2] verify with the Standard Webhooks library, and with our own check by the same secret alone", async () => {
    const nowMs = Date.now();
    const headers = await signatureHeaders(SECRET, "msg_1", nowMs, body);
    expect(new Webhook(SECRET).verify(new TextDecoder().decode(body), headers)).toEqual({ a: "Grüße ☎" });
    const signed = signedHeaders(new Headers(headers))!;
    expect(isTimely(signed, nowMs + 300_000)).toBe(true);
    expect(isTimely(signed, nowMs + 302_000)).toBe(false);
    expect(await isSignedBy([SECRET], signed, body)).toBe(true);
    expect(await isSignedBy([`whsec_${Buffer.alloc(32, 8).toString("base64")}`], signed, body)).toBe(false);
    expect(await isSignedBy([], signed, body)).toBe(false);
    expect(await isSignedBy([SECRET], signed, new TextEncoder().encode("{}"))).toBe(false);
  });
});
