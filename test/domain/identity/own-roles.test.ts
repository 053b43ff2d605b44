import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_ROLES,
  PERMISSIONS,
  type Permission,
  type Principal,
  ROLES,
  accountOf,
  asUser,
  grantsOf,
  grantsOfRoles,
  may,
  missingOf,
  permissionsOf,
  possibleRoles,
  withOwnRoles,
} from "../../../domain/identity/principal.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";

const known = (roles: readonly string[], scopes?: readonly Permission[]): Principal => ({
  tenant: "acme" as TenantId,
  subject: "alice",
  via: "jwt",
  roles,
  ...(scopes === undefined ? {} : { scopes }),
});
const OWN = new Map<string, readonly Permission[]>([
  ["reception", ["sessions:read", "sessions:command"]],
  ["auditor", ["audit:read"]],
  // Nobody can write one of this name; if it were there, it would not count.
  ["viewer", [...PERMISSIONS]],
]);

describe("[ORG-2] roles of a tenant's own", () => {
  it("grant what they say, beside the built-in ones, within the scopes", () => {
    const both = withOwnRoles(known(["viewer", "reception", "auditor"]), OWN);
    expect(permissionsOf(both)).toEqual(["sessions:command", "sessions:read", "config:read", "events:read", "audit:read"]);
    const narrowed = withOwnRoles(known(["reception", "auditor"], ["sessions:read", "config:publish"]), OWN);
    expect(permissionsOf(narrowed)).toEqual(["sessions:read"]);
  });

  it("that nobody knows grant nothing and are not there", () => {
    const stranger = withOwnRoles(known(["root", "admin-of-another", "__proto__", "constructor"]), OWN);
    expect([stranger.roles, permissionsOf(stranger)]).toEqual([[], []]);
    expect(permissionsOf(known(["reception"]))).toEqual([]);
  });

  it("never take the place of built-in ones", () => {
    expect(permissionsOf(withOwnRoles(known(["viewer"]), OWN))).toEqual([...grantsOf("viewer")]);
    expect(grantsOfRoles(["viewer", "reception"], OWN)).not.toContain("access:manage");
  });

  it("grant together exactly what each of them grants", () => {
    const names = fc.subarray([...ROLES, "reception", "auditor", "nobody"]);
    fc.assert(
      fc.property(names, fc.option(fc.subarray([...PERMISSIONS]), { nil: undefined }), (roles, scopes) => {
        const principal = withOwnRoles(known(roles, scopes), OWN);
        const granted = grantsOfRoles(roles, OWN).filter((permission) => scopes?.includes(permission) ?? true);
        expect(permissionsOf(principal)).toEqual(granted);
        for (const permission of PERMISSIONS) expect(may(principal, permission)).toBe(granted.includes(permission));
        expect(missingOf(principal, PERMISSIONS)).toEqual(PERMISSIONS.filter((each) => !granted.includes(each)));
      }),
    );
  });

  it("come by names of a bounded number and form, built-in ones first", () => {
    expect(possibleRoles(["reception", "Root!", "viewer", "reception", "", "admin"])).toEqual(["admin", "viewer", "reception"]);
    expect(possibleRoles(Array.from({ length: 100 }, (_, i) => `role-${i}`))).toHaveLength(MAX_ROLES);
  });
});

describe("[CFG-18] the directory's word", () => {
  const ISS = "https://login.acme.example";
  const byOwn: Principal = { ...known(["admin"]), issuer: ISS };
  const entry = { id: "alice", roles: ["admin", "operator"], disabled: false };

  it("is about one issuer's subject where the entry names it: the same subject of another one is somebody else", () => {
    const bound = { ...entry, issuer: ISS };
    expect(asUser({ ...byOwn, roles: [] }, bound)?.roles).toEqual(entry.roles);
    expect(asUser(known(["viewer"]), bound)?.roles).toEqual(["viewer"]);
    expect(asUser({ ...byOwn, roles: ["viewer"], issuer: "https://b.example" }, { ...bound, disabled: true })?.roles).toEqual([
      "viewer",
    ]);
    expect(asUser(byOwn, { ...bound, disabled: true })).toBeNull();
  });

  it("where the entry names none, gives to subjects of the deployment's issuers, and of any other takes away at most", () => {
    expect(asUser(known([]), entry)?.roles).toEqual(entry.roles);
    expect(asUser({ ...byOwn, roles: ["viewer"] }, entry)?.roles).toEqual([]);
    expect(asUser({ ...byOwn, roles: ["operator", "viewer"] }, entry)?.roles).toEqual(["operator"]);
    expect(asUser(byOwn, { ...entry, disabled: true })).toBeNull();
    expect(asUser(byOwn, undefined)).toBe(byOwn);
  });

  it("[API-5] subjects of two issuers are two accounts, however they are called", () => {
    const names = [known([]), byOwn, { ...byOwn, issuer: "a b" }, { ...byOwn, issuer: "a", subject: "b alice" }].map(accountOf);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("[KEY-5] what is taken from signed requests alone", () => {
  it("is not granted unsigned, and can be handed out and taken back all the same", () => {
    const unsigned: Principal = { ...known(["admin"]), withheld: ["sessions:command", "pii:read"] };
    expect(permissionsOf(unsigned)).toEqual(PERMISSIONS.filter((one) => one !== "sessions:command" && one !== "pii:read"));
    expect(missingOf(unsigned, PERMISSIONS)).toEqual([]);
  });
});
