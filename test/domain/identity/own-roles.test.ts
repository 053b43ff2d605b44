import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_ROLES,
  PERMISSIONS,
  type Permission,
  type Principal,
  ROLES,
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
