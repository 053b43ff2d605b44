import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MAX_KEY_SET_BYTES } from "../../../adapters/identity/key-source.ts";
import { MAX_TENANT_KEY_SETS, TenantKeySets, type TenantTrust } from "../../../adapters/identity/tenant-issuers.ts";
import type { TenantIssuer } from "../../../domain/identity/tenant-issuer.ts";
import { type Edge, type SigningKey, edge, issuers, refused, signingKey, tenant, token } from "./tenant-fixture.ts";

const ISS = "https://login.acme.example";
let key: SigningKey;
let other: SigningKey;
let server: Server;
let origin: string;
/** What is served, by path. */
const sets = new Map<string, string>();
let fetched: string[] = [];

beforeAll(async () => {
  [key, other] = await Promise.all([signingKey("ES256", "k1"), signingKey("ES256", "k1")]);
  server = createServer((request, response) => {
    fetched.push(request.url!);
    response.setHeader("Content-Type", "application/json");
    response.end(sets.get(request.url!) ?? "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  fetched = [];
  sets.set("/acme", JSON.stringify({ keys: [key.publicJwk] }));
  sets.set("/umbrella", JSON.stringify({ keys: [other.publicJwk] }));
});

const issuer = (changes: Partial<TenantIssuer> = {}): TenantIssuer => ({
  id: "login",
  issuer: ISS,
  audience: "trunkline",
  jwksUrl: `${origin}/acme`,
  algorithms: ["ES256"],
  rolesClaim: "roles",
  roleNames: {},
  defaultRoles: [],
  ...changes,
});

const trustIn = (all: readonly TenantIssuer[], roles: readonly string[] = []): TenantTrust => ({
  issuers: Map.groupBy(all, ({ issuer: iss }) => iss),
  roles: new Map(roles.map((name) => [name, []])),
});

let trusts: Record<string, TenantTrust>;
const trusting = (deps: Record<string, unknown> = {}): Edge => edge({ trust: async (owner) => trusts[owner] ?? null, ...deps });

/** As an issuer makes them that knows nothing of tenants. */
const plain = (claims: Record<string, unknown> = {}, by = key) => token(by, { iss: ISS, tenant: undefined, ...claims });
const ask = (api: Edge, text: string, chosen?: string) =>
  api.authenticate({
    headers: { authorization: `Bearer ${text}`, ...(chosen === undefined ? {} : { "trunkline-tenant": chosen }) },
  });
const principal = (changes: Record<string, unknown> = {}) => ({
  ok: true,
  value: expect.objectContaining({ tenant: "acme", subject: "alice", roles: ["operator"], via: "jwt", ...changes }) as unknown,
});

describe("[KEY-3] issuers of a tenant's own", () => {
  beforeEach(() => {
    trusts = { acme: trustIn([issuer()]), umbrella: trustIn([issuer({ jwksUrl: `${origin}/umbrella` })]) };
  });

  it("[KEY-3] speak for the tenant that the token names, or the request", async () => {
    expect(await ask(trusting(), await plain({ tenant: "acme" }))).toEqual(principal());
    expect(await ask(trusting(), await plain(), "acme")).toEqual(principal());
    expect(await ask(trusting(), await plain({ tenant: "acme" }), "acme")).toEqual(principal({ issuer: ISS }));
  });

  it("[KEY-3] several that share an iss are asked at once, and who can tell is not hidden by who cannot be reached", async () => {
    trusts["acme"] = trustIn(["a", "b", "acme"].map((path) => issuer({ id: path, jwksUrl: `${origin}/${path}` })));
    sets.set("/a", "no keys");
    expect(await ask(trusting(), await plain({ tenant: "acme" }))).toEqual(principal());
    expect(fetched.toSorted()).toEqual(["/a", "/acme", "/b"]);
    sets.set("/acme", JSON.stringify({ keys: [other.publicJwk] }));
    expect(await ask(trusting(), await plain({ tenant: "acme" }))).toMatchObject({ error: { tag: "issuer_unreachable" } });
  });

  it("[KEY-3] keys are not fetched from where they may not be, also when the issuer was let in before", async () => {
    const mayFetch = (url: string) => !url.endsWith("/acme");
    expect(await ask(trusting({ mayFetch }), await plain(), "acme")).toEqual(refused("bad_signature"));
    expect(fetched).toEqual([]);
  });

  it("[KEY-3] speak for nobody else, whatever token and request say", async () => {
    for (const [claim, chosen] of [
      ["umbrella", undefined],
      [undefined, "umbrella"],
      ["umbrella", "umbrella"],
    ] as const)
      expect(await ask(trusting(), await plain({ tenant: claim }), chosen)).toEqual(refused("bad_signature"));
    for (const [claim, chosen] of [
      ["umbrella", "acme"],
      ["acme", "umbrella"],
      [undefined, undefined],
      ["nobody", undefined],
      [undefined, "nobody"],
      [undefined, "Acme"],
      [undefined, ""],
    ] as const)
      expect(await ask(trusting(), await plain({ tenant: claim }), chosen)).toEqual(refused("wrong_issuer"));
  });

  it("[KEY-3] a remembered decision is not told to another tenant", async () => {
    trusts["umbrella"] = trustIn([issuer({ issuer: "https://elsewhere.example" })]);
    const api = trusting();
    const text = await plain();
    expect(await ask(api, text, "acme")).toEqual(principal());
    expect(await ask(api, text, "umbrella")).toEqual(refused("wrong_issuer"));
    expect(await ask(api, text)).toEqual(refused("wrong_issuer"));
    expect(await ask(api, text, "acme")).toEqual(principal());
  });

  it("[KEY-3] an issuer that is removed or changed is forgotten at once, in spite of remembered decisions", async () => {
    const api = trusting();
    const text = await plain({ tenant: "acme" });
    expect(await ask(api, text)).toEqual(principal());
    trusts["acme"] = trustIn([issuer({ audience: "another" })]);
    expect(await ask(api, text)).toEqual(refused("wrong_audience"));
    trusts["acme"] = trustIn([]);
    expect(await ask(api, text)).toEqual(refused("wrong_issuer"));
  });

  it("[KEY-3] no tenant takes the name of an issuer of the deployment; a request may name the tenant all the same", async () => {
    const own = await signingKey("ES256", "own");
    const api = trusting({ issuers: issuers({ issuer: ISS, jwks: { keys: [own.publicJwk] } }) });
    expect(await ask(api, await plain({ tenant: "acme" }))).toEqual(refused("bad_signature"));
    const good = await token(own, { iss: ISS });
    for (const chosen of [undefined, "acme"]) expect(await ask(api, good, chosen)).toEqual(principal());
    expect(await ask(api, good, "umbrella")).toEqual(refused("bad_credentials"));
    expect(fetched).toEqual([]);
  });

  it("[KEY-3] several of one name differ in their audience", async () => {
    trusts["acme"] = trustIn([issuer({ audience: "people" }), issuer({ id: "machines", audience: "machines" })]);
    for (const aud of ["people", "machines"]) expect(await ask(trusting(), await plain({ aud }), "acme")).toEqual(principal());
    expect(await ask(trusting(), await plain({ aud: "others" }), "acme")).toEqual(refused("wrong_audience"));
  });

  it("[KEY-3] keep to the algorithms that they are trusted with", async () => {
    trusts["acme"] = trustIn([issuer({ algorithms: ["RS256"] })]);
    expect(await ask(trusting(), await plain(), "acme")).toEqual(refused("unsupported_algorithm"));
    expect(fetched).toEqual([]);
  });
});

describe("[KEY-3] what an issuer's words for roles mean", () => {
  const rolesOf = async (claims: Record<string, unknown>, changes: Partial<TenantIssuer>, own: readonly string[] = []) => {
    trusts = { acme: trustIn([issuer(changes)], own) };
    const result = await ask(trusting(), await plain({ roles: undefined, ...claims }), "acme");
    return result.ok ? result.value.roles : result.error.tag;
  };

  it("[KEY-3] those of the mapping alone; without one, roles of that name, built in or the tenant's own", async () => {
    const roleNames = { "Call Center": "supervisor", boss: "admin", shift: "night-shift", operator: "viewer" };
    const roles = ["Call Center", "shift", "operator", "unheard-of"];
    expect(await rolesOf({ roles }, { roleNames }, ["night-shift"])).toEqual(["supervisor", "viewer", "night-shift"]);
    expect(await rolesOf({ roles: "integrator boss admin" }, { roleNames })).toEqual(["admin"]);
    expect(await rolesOf({ roles: "admin integrator" }, { roleNames, defaultRoles: ["viewer"] })).toEqual(["viewer"]);
    expect(await rolesOf({ roles: "integrator night-shift" }, {}, ["night-shift"])).toEqual(["integrator", "night-shift"]);
    expect(await rolesOf({ roles: ["constructor", "__proto__", "toString"] }, { roleNames })).toEqual([]);
  });

  it("[KEY-3] the default ones for whom none is left", async () => {
    expect(await rolesOf({}, { defaultRoles: ["viewer"] })).toEqual(["viewer"]);
    expect(await rolesOf({ roles: ["offline-access"] }, { defaultRoles: ["viewer"] })).toEqual(["viewer"]);
    expect(await rolesOf({ roles: ["operator"] }, { defaultRoles: ["viewer"] })).toEqual(["operator"]);
    expect(await rolesOf({}, {})).toEqual([]);
  });

  it("[KEY-3] also deep within the token", async () => {
    const claims = { realm_access: { roles: ["operator"] }, "https://x.example/roles": ["viewer"] };
    expect(await rolesOf(claims, { rolesClaim: "realm_access.roles" })).toEqual(["operator"]);
    expect(await rolesOf(claims, { rolesClaim: "https://x.example/roles" })).toEqual(["viewer"]);
    expect(await rolesOf(claims, { rolesClaim: "realm_access.constructor" })).toEqual([]);
  });
});

describe("[AUTH-3] key sets of tenants", () => {
  it("[AUTH-3] that are larger than they may be are not read to their end", async () => {
    trusts = { acme: trustIn([issuer()]) };
    sets.set("/acme", JSON.stringify({ keys: [key.publicJwk], padding: "x".repeat(MAX_KEY_SET_BYTES) }));
    const result = await ask(trusting(), await plain(), "acme");
    expect(result).toEqual({ ok: false, error: { tag: "issuer_unreachable", retryAfterS: 5 } });
  });

  it("[AUTH-3] of thousands of keys cost no thousands of verifications", async () => {
    trusts = { acme: trustIn([issuer()]) };
    const keys = Array.from({ length: 400 }, (_, i) => ({ ...other.publicJwk, kid: `k${i}` }));
    sets.set("/acme", JSON.stringify({ keys }));
    const startedMs = performance.now();
    expect(await ask(trusting(), await plain({}, { ...key, kid: undefined as unknown as string }), "acme")).toEqual(
      refused("bad_signature"),
    );
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it("[AUTH-3] are remembered up to a fixed count, those that are used the longest", () => {
    const known = new TenantKeySets(() => 0);
    const of = (i: number) => known.of(tenant("acme"), { jwksUrl: `https://login.example/${i}` });
    const [first, second] = [of(0), of(1)];
    for (let i = 2; i < MAX_TENANT_KEY_SETS; i++) of(i);
    expect(of(0)).toBe(first);
    of(MAX_TENANT_KEY_SETS);
    expect(known.size).toBe(MAX_TENANT_KEY_SETS);
    expect(of(0)).toBe(first);
    expect(of(1)).not.toBe(second);
    expect(known.of(tenant("umbrella"), { jwksUrl: "https://login.example/0" })).not.toBe(first);
  });
});
