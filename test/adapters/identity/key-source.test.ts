import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { OAuth2Server } from "oauth2-mock-server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Edge, edge, issuers, refused, signingKey, token } from "./tenant-fixture.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let server: OAuth2Server;
let port: number;
let fetches: ReturnType<typeof vi.spyOn<typeof globalThis, "fetch">>;

beforeEach(async () => {
  server = new OAuth2Server();
  await server.issuer.keys.generate("RS256", { kid: "first" });
  await server.start(0, "127.0.0.1");
  port = server.address().port;
  fetches = vi.spyOn(globalThis, "fetch");
});

afterEach(async () => {
  fetches.mockRestore();
  if (server.listening) await server.stop();
});

function remoteEdge(): Edge {
  const config = { issuer: server.issuer.url, jwksUrl: `http://127.0.0.1:${port}/jwks` };
  const api = edge({ issuers: issuers(config) });
  api.nowMs = Date.now();
  return api;
}

/** A token of the issuer, good for two days; `jti` makes each one new, so that no earlier decision answers for it. */
let tokens = 0;
function issued(kid: string): Promise<string> {
  return server.issuer.buildToken({
    kid,
    expiresIn: 48 * 3600,
    scopesOrTransform: (_header, payload) => {
      Object.assign(payload, { aud: "trunkline", sub: "alice", tenant: "acme", roles: "viewer", jti: String(++tokens) });
    },
  });
}

const accepted = {
  ok: true,
  value: { tenant: "acme", subject: "alice", roles: ["viewer"], via: "jwt", expiresMs: expect.any(Number) as number },
};
const unreachable = (retryAfterS: number) => ({ ok: false, error: { tag: "issuer_unreachable", retryAfterS } });

describe("[AUTH-3] remote key sets", () => {
  it("[AUTH-3] are fetched once for ten minutes, also when many ask at once", async () => {
    const api = remoteEdge();
    const texts = await Promise.all(Array.from({ length: 20 }, () => issued("first")));
    for (const answer of await Promise.all(texts.map((text) => api.bearer(text)))) expect(answer).toEqual(accepted);
    expect(fetches).toHaveBeenCalledTimes(1);
    api.nowMs += 10 * MINUTE_MS - 1;
    expect(await api.bearer(await issued("first"))).toEqual(accepted);
    expect(fetches).toHaveBeenCalledTimes(1);
    api.nowMs += 1;
    expect(await api.bearer(await issued("first"))).toEqual(accepted);
    expect(fetches).toHaveBeenCalledTimes(2);
  });

  it("[AUTH-3] are fetched again for a key id that is new, so that a rotation is picked up", async () => {
    const api = remoteEdge();
    expect(await api.bearer(await issued("first"))).toEqual(accepted);
    await server.issuer.keys.generate("ES256", { kid: "second" });
    const rotated = await issued("second");
    expect(await api.bearer(rotated)).toEqual(refused("bad_signature"));
    api.nowMs += 30_000;
    expect(await api.bearer(rotated)).toEqual(accepted);
    expect(await api.bearer(await issued("first"))).toEqual(accepted);
    expect(fetches).toHaveBeenCalledTimes(2);
  });

  it("[AUTH-3] are not fetched for forged key ids more than once in 30 s, nor for algorithms that are refused anyway", async () => {
    const api = remoteEdge();
    const stranger = await signingKey("ES256", "made-up");
    for (let i = 0; i < 10; i++) {
      const forged = await token(stranger, { iss: server.issuer.url, jti: String(i) }, { kid: `made-up-${i}` });
      expect(await api.bearer(forged)).toEqual(refused("bad_signature"));
    }
    expect(fetches).toHaveBeenCalledTimes(1);
    api.nowMs += 30_000;
    const es384 = await signingKey("ES384", "made-up");
    expect(await api.bearer(await token(es384, { iss: server.issuer.url }))).toEqual(refused("unsupported_algorithm"));
    expect(fetches).toHaveBeenCalledTimes(1);
  });

  it("[AUTH-3] go on being used for 24 hours while the issuer is down", async () => {
    const api = remoteEdge();
    expect(await api.bearer(await issued("first"))).toEqual(accepted);
    const later = await Promise.all(Array.from({ length: 4 }, () => issued("first")));
    await server.stop();
    api.nowMs += 11 * MINUTE_MS;
    expect(await api.bearer(later[0]!)).toEqual(accepted);
    expect(await api.bearer(later[1]!)).toEqual(accepted);
    expect(fetches).toHaveBeenCalledTimes(2);
    api.nowMs += 24 * HOUR_MS - 11 * MINUTE_MS - 1;
    expect(await api.bearer(later[2]!)).toEqual(accepted);
    api.nowMs += 30_000;
    expect(await api.bearer(later[3]!)).toEqual(unreachable(5));
    await server.start(port, "127.0.0.1");
    api.nowMs += 5_000;
    expect(await api.bearer(later[3]!)).toEqual(accepted);
  });

  it("[AUTH-3] tell a new key id from a forged one only when the issuer answers: 503 until then", async () => {
    const api = remoteEdge();
    expect(await api.bearer(await issued("first"))).toEqual(accepted);
    await server.issuer.keys.generate("EdDSA", { kid: "second" });
    const rotated = await issued("second");
    await server.stop();
    api.nowMs += 30_000;
    expect(await api.bearer(rotated)).toEqual(unreachable(30));
    await server.start(port, "127.0.0.1");
    api.nowMs += 30_000;
    expect(await api.bearer(rotated)).toEqual(accepted);
  });

  it("[AUTH-3] are asked for every 5 s when the issuer was down from the start", async () => {
    const api = remoteEdge();
    const text = await issued("first");
    await server.stop();
    expect(await api.bearer(text)).toEqual(unreachable(5));
    expect(await api.bearer(text)).toEqual(unreachable(5));
    expect(fetches).toHaveBeenCalledTimes(1);
    await server.start(port, "127.0.0.1");
    api.nowMs += 5_000;
    expect(await api.bearer(text)).toEqual(accepted);
  });

  it("[AUTH-3] are waited for 2 s at most", async () => {
    const hanging = createServer(() => {});
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    try {
      const { port: hangingPort } = hanging.address() as AddressInfo;
      const api = edge({ issuers: issuers({ jwksUrl: `http://127.0.0.1:${hangingPort}/jwks` }) });
      const key = await signingKey("ES256", "e1");
      const startedMs = performance.now();
      expect(await api.bearer(await token(key))).toEqual(unreachable(5));
      expect(performance.now() - startedMs).toBeLessThan(3_000);
    } finally {
      hanging.closeAllConnections();
      await new Promise((resolve) => hanging.close(resolve));
    }
  });

  it.each([
    ["an error", 500, "{}"],
    ["a redirect", 302, ""],
    ["something that is not JSON", 200, "<html>"],
    ["JSON that is no key set", 200, '{"keys":"none"}'],
  ])("[AUTH-3] survive %s in place of the keys", async (_what, status, body) => {
    const api = remoteEdge();
    expect(await api.bearer(await issued("first"))).toEqual(accepted);
    fetches.mockImplementationOnce(async () => new Response(body, { status, headers: { location: "http://127.0.0.1:9/" } }));
    api.nowMs += 11 * MINUTE_MS;
    expect(await api.bearer(await issued("first"))).toEqual(accepted);
    expect(fetches).toHaveBeenCalledTimes(2);
  });
});
