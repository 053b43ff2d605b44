import { describe, expect, it } from "vitest";
import { MAX_NETWORKS, MAX_OVERLAP_S, parseNewApiKey, parseRotation } from "../../contracts/access.ts";
import { badKeyUrl, parseIssuer } from "../../contracts/issuers.ts";

const NOW = Date.parse("2026-11-20T10:00:00Z");
const pointers = (result: { ok: boolean; error?: readonly { pointer: string }[] }) =>
  result.ok ? [] : result.error!.map(({ pointer }) => pointer);

describe("[KEY-1] a new key", () => {
  const key = { name: "Billing", roles: ["integrator"] };

  it("[KEY-1] is as wide as its roles unless it says otherwise", () => {
    const unset = { scopes: null, allowedNetworks: [], publicKey: null, trunk: null, expiresAt: null };
    expect(parseNewApiKey(key, NOW)).toEqual({ ok: true, value: { ...key, ...unset } });
  });

  it.each<[Record<string, unknown>, string]>([
    [{ scopes: [] }, "/scopes"],
    [{ scopes: ["everything"] }, "/scopes/0"],
    [{ scopes: ["events:read", "events:read"] }, "/scopes"],
    [{ allowedNetworks: ["10.0.0.1/8"] }, "/allowedNetworks/0"],
    [{ allowedNetworks: ["example.org"] }, "/allowedNetworks/0"],
    [{ allowedNetworks: Array.from({ length: MAX_NETWORKS + 1 }, (_, i) => `10.0.${i}.0/24`) }, "/allowedNetworks"],
    [{ expiresAt: "2026-11-20T10:00:00Z" }, "/expiresAt"],
    [{ publicKey: "x".repeat(2_000) }, "/publicKey"],
  ])("[KEY-1] with %j is refused at %s", (changes, pointer) => {
    expect(pointers(parseNewApiKey({ ...key, ...changes }, NOW))).toContain(pointer);
  });
});

describe("[KEY-1] a rotation", () => {
  it("[KEY-1] leaves the time of expiry as it was, unless it says otherwise", () => {
    expect(parseRotation({}, NOW)).toEqual({ ok: true, value: { overlapS: 86_400 } });
    expect(parseRotation({ expiresAt: null }, NOW)).toEqual({ ok: true, value: { overlapS: 86_400, expiresAt: null } });
    expect(parseRotation({ overlapS: 0 }, NOW)).toEqual({ ok: true, value: { overlapS: 0 } });
  });

  it.each([{ overlapS: -1 }, { overlapS: MAX_OVERLAP_S + 1 }, { overlapS: "1" }, { overlapS: 1.5 }, { extra: 1 }])(
    "[KEY-1] with %j is refused",
    (body) => {
      expect(parseRotation(body, NOW).ok).toBe(false);
    },
  );
});

describe("[KEY-3] an issuer", () => {
  const issuer = { id: "login", issuer: "https://login.example", audience: "trunkline", jwksUrl: "https://login.example/jwks" };

  it("[KEY-3] signs with anything that is taken, and says roles in the claim roles", () => {
    const unset = { algorithms: ["RS256", "ES256", "EdDSA"], rolesClaim: "roles", roleNames: {}, defaultRoles: [] };
    expect(parseIssuer(issuer)).toEqual({ ok: true, value: { ...issuer, ...unset } });
  });

  it.each<[Record<string, unknown>, string]>([
    [{ audience: undefined }, "/audience"],
    [{ issuer: "" }, "/issuer"],
    [{ algorithms: ["HS256"] }, "/algorithms/0"],
    [{ algorithms: [] }, "/algorithms"],
    [{ defaultRoles: ["Not A Role"] }, "/defaultRoles/0"],
    [{ roleNames: { Boss: "Not A Role" } }, "/roleNames/Boss"],
    [{ jwks: { keys: [] } }, "/jwks"],
  ])("[KEY-3] with %j is refused at %s", (changes, pointer) => {
    expect(pointers(parseIssuer({ ...issuer, ...changes }))).toContain(pointer);
  });

  it("[KEY-3] is told what is wrong with where its keys are", () => {
    expect(badKeyUrl("not_public")).toMatchObject({ pointer: "/jwksUrl", code: "invalid" });
  });
});
