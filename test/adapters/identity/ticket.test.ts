import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { laneToken } from "../../../adapters/identity/lane-token.ts";
import {
  TICKET_LIFE_MS,
  type TicketTarget,
  checkTicket,
  mintTicket,
  ticketForgottenAt,
} from "../../../adapters/identity/ticket.ts";
import { type SessionId, freshSessionId } from "../../../domain/shared/ids.ts";
import { NOW_MS, refused, tenant } from "./tenant-fixture.ts";

const KEY = "Y29uZmlndXJhdGlvbiBrZXkgb2YgdGVzdHMgb25seSE=";
const SESSION: SessionId = freshSessionId(NOW_MS, new Uint8Array(16), "standard");
const TARGET: TicketTarget = `session:${SESSION}`;
const RANDOM = new Uint8Array(16).fill(7);

const CONTENT = {
  tenant: tenant("acme"),
  subject: "alice",
  permissions: ["sessions:read"],
  target: TARGET,
  expiresMs: NOW_MS + 3_600_000,
} as const;

const mint = async (changes: object = {}, random = RANDOM): Promise<string> =>
  (await mintTicket(KEY, { ...CONTENT, ...changes }, NOW_MS, random)).text;
const check = (text: string, atMs = NOW_MS, target: TicketTarget = TARGET) => checkTicket(KEY, text, target, atMs);

describe("[LIVE-4] tickets", () => {
  it("[LIVE-4] say who has them and what they are good for", async () => {
    const { text, expiresMs } = await mintTicket(KEY, CONTENT, NOW_MS, RANDOM);
    expect(expiresMs).toBe(NOW_MS + TICKET_LIFE_MS);
    expect(await check(text)).toEqual({ ok: true, value: { ...CONTENT, nonce: "07".repeat(16), mintedMs: NOW_MS } });
  });

  it("[LIVE-4] keep any subject as it is, and fit into a query", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 255 }), async (subject) => {
        const wellFormed = subject.toWellFormed();
        const text = await mint({ subject: wellFormed });
        expect(encodeURIComponent(text)).toBe(text);
        expect(await check(text)).toMatchObject({ ok: true, value: { subject: wellFormed } });
      }),
      { numRuns: 50 },
    );
  });

  it("[LIVE-4] are good for half a minute, and not longer than the credentials that they were given for", async () => {
    const text = await mint();
    expect(await check(text, NOW_MS + TICKET_LIFE_MS - 1)).toMatchObject({ ok: true });
    expect(await check(text, NOW_MS + TICKET_LIFE_MS)).toEqual(refused("expired"));
    const short = await mint({ expiresMs: NOW_MS + 1_000 });
    expect(await check(short, NOW_MS + 1_000)).toEqual(refused("expired"));
  });

  it("[LIVE-4] from a clock that is a little ahead are good, from one that is far ahead not yet", async () => {
    const text = await mint();
    expect(await check(text, NOW_MS - 4_000)).toMatchObject({ ok: true });
    expect(await check(text, NOW_MS - 6_000)).toEqual(refused("not_yet_valid"));
  });

  it("[LIVE-4] are forgotten only when nobody takes them any more", async () => {
    const text = await mint();
    const checked = await check(text);
    const forgottenMs = checked.ok ? ticketForgottenAt(checked.value) : 0;
    expect(forgottenMs).toBeGreaterThan(NOW_MS + TICKET_LIFE_MS);
    expect(await check(text, forgottenMs)).toEqual(refused("expired"));
  });

  it("[LIVE-4] are good for their target alone", async () => {
    const another = freshSessionId(NOW_MS, new Uint8Array(16).fill(1), "standard");
    expect(await check(await mint(), NOW_MS, `session:${another}`)).toEqual(refused("bad_credentials"));
    expect(await check(await mint(), NOW_MS, "feed")).toEqual(refused("bad_credentials"));
    expect(await check(await mint({ target: "feed" }), NOW_MS, "feed")).toMatchObject({ ok: true });
  });

  it("[LIVE-4] differ, although the same is asked", async () => {
    expect(await mint()).not.toBe(await mint({}, new Uint8Array(16).fill(8)));
  });

  it("[LIVE-4] that were changed, or minted under another key or for another purpose, are refused", async () => {
    const text = await mint();
    const [body = "", mac = ""] = text.split(".");
    const richer = await mint({ permissions: ["sessions:read", "sessions:command"] });
    expect(await check(`${richer.split(".")[0]}.${mac}`)).toEqual(refused("bad_signature"));
    const other = await mintTicket(KEY.replace("Y29u", "Y29v"), CONTENT, NOW_MS, RANDOM);
    expect(await check(other.text)).toEqual(refused("bad_signature"));
    const lane = (await laneToken(KEY, body.replace("tlt_", ""), NOW_MS)).split(".")[1];
    expect(await check(`${body}.${lane}`)).toEqual(refused("bad_signature"));
  });

  it("[LIVE-4] that are none are refused, whatever they are", async () => {
    for (const text of ["", "tlt_", "tlt_.", `tlt_x.${"0".repeat(63)}`, `tlt_${"x".repeat(5_000)}.${"0".repeat(64)}`])
      expect(await check(text)).toEqual(refused("bad_credentials"));
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect((await check(`tlt_${text}`)).ok).toBe(false);
      }),
    );
  });
});

describe("[LIVE-5] the expiry of credentials", () => {
  it("[LIVE-5] is minted into the ticket", async () => {
    const checked = await check(await mint({ expiresMs: NOW_MS + 60_000 }));
    expect(checked).toMatchObject({ ok: true, value: { expiresMs: NOW_MS + 60_000 } });
  });
});
