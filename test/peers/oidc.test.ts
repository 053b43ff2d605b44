/** A real OpenID provider as an issuer of a tenant's: what it signs gets in, by the authenticator that the Workers have. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseIssuer } from "../../contracts/issuers.ts";
import type { TenantIssuer } from "../../domain/identity/tenant-issuer.ts";
import { may } from "../../domain/identity/principal.ts";
import { outsideUrlProblem } from "../../domain/shared/public-address.ts";
import { type Edge, edge, refused } from "../adapters/identity/tenant-fixture.ts";
import { AUDIENCE, type OidcProvider, startOidcProvider } from "./oidc/provider.ts";

const MINUTE_MS = 60_000;

let provider: OidcProvider;
let issuer: TenantIssuer;

/** The provider knows nothing of tenants: the request says which one it means. */
const ask = (api: Edge, token: string, tenant = "acme") =>
  api.authenticate({ headers: { authorization: `Bearer ${token}`, "trunkline-tenant": tenant } });

function trusting(): Edge {
  const trust = { issuers: new Map([[issuer.issuer, [issuer]]]), roles: new Map([["dialling", []]]) };
  const api = edge({ trust: async (tenant) => (tenant === "acme" ? trust : null) });
  api.nowMs = Date.now();
  return api;
}

beforeAll(async () => {
  // What the provider warns of is that this is no way to run it in production.
  for (const channel of ["warn", "info", "log"] as const) vi.spyOn(console, channel).mockImplementation(() => {});
  provider = await startOidcProvider();
  const parsed = parseIssuer({
    id: "login",
    issuer: provider.issuer,
    audience: AUDIENCE,
    jwksUrl: provider.jwksUrl,
    rolesClaim: "groups",
    roleNames: { "Call Center": "supervisor", machines: "dialling" },
    defaultRoles: ["viewer"],
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  issuer = parsed.value;
});
afterAll(async () => {
  await provider.stop();
  vi.restoreAllMocks();
});

describe("[KEY-3] tokens of an OpenID provider", () => {
  it("[KEY-3] a person who signs in by authorization code with PKCE gets in, with the roles that its groups mean", async () => {
    expect(outsideUrlProblem(issuer.jwksUrl, true)).toBe(null);
    const result = await ask(trusting(), await provider.signIn("ann"));
    expect(result).toMatchObject({ ok: true, value: { tenant: "acme", subject: "ann", roles: ["supervisor"], via: "jwt" } });
    if (!result.ok) throw new Error(result.error.tag);
    expect([may(result.value, "sessions:read"), may(result.value, "sessions:command")]).toEqual([true, false]);
  });

  it("[KEY-3] somebody without a group that means anything has the default roles", async () => {
    const result = await ask(trusting(), await provider.signIn("bob"));
    expect(result).toMatchObject({ ok: true, value: { subject: "bob", roles: ["viewer"] } });
  });

  it("[KEY-3] a machine gets in by client credentials, with its scope", async () => {
    const value = { subject: "dialler", roles: ["dialling"], scopes: ["calls:create"] };
    expect(await ask(trusting(), await provider.machineToken())).toMatchObject({ ok: true, value });
  });

  it("[KEY-3] for this tenant alone, and for nobody without a word about the tenant", async () => {
    const token = await provider.machineToken();
    expect(await ask(trusting(), token, "demo")).toEqual(refused("wrong_issuer"));
    expect(await trusting().bearer(token)).toEqual(refused("wrong_issuer"));
  });

  it("[AUTH-3] new keys are found when they are used, at most every 30 s", async () => {
    const api = trusting();
    expect((await ask(api, await provider.machineToken())).ok).toBe(true);
    await provider.rotate();
    const rotated = await provider.machineToken();
    expect(await ask(api, rotated)).toEqual(refused("bad_signature"));
    api.nowMs += 30_000;
    expect((await ask(api, rotated)).ok).toBe(true);
  });

  it("[AUTH-3] with the provider away its last keys go on, also past their ten minutes", async () => {
    const api = trusting();
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => provider.machineToken()));
    expect((await ask(api, first!)).ok).toBe(true);
    await provider.stop();
    expect((await ask(api, second!)).ok).toBe(true);
    api.nowMs += 11 * MINUTE_MS;
    expect((await ask(api, third!)).ok).toBe(true);
    expect(await ask(trusting(), third!)).toMatchObject({ ok: false, error: { tag: "issuer_unreachable" } });
  });
});
