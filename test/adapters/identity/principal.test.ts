import { describe, expect, it } from "vitest";
import {
  PERMISSIONS,
  type Principal,
  ROLES,
  type Role,
  knownRoles,
  may,
  mayUseTrunk,
} from "../../../domain/identity/principal.ts";
import { tenant, trunk } from "./tenant-fixture.ts";

const having = (...roles: readonly Role[]): Principal => ({ tenant: tenant("acme"), subject: "alice", roles, via: "jwt" });
const granted = (...roles: readonly Role[]) => PERMISSIONS.filter((permission) => may(having(...roles), permission));

describe("[AUTH-6] roles and permissions", () => {
  it.each<[Role, readonly string[]]>([
    [
      "admin",
      [
        "calls:create",
        "sessions:report",
        "sessions:command",
        "sessions:read",
        "sessions:write",
        "sessions:delete",
        "config:read",
        "config:write",
        "config:publish",
        "access:manage",
        "events:read",
        "events:write",
        "events:manage",
        "webhooks:manage",
        "audit:read",
        "pii:read",
      ],
    ],
    [
      "operator",
      [
        "calls:create",
        "sessions:report",
        "sessions:command",
        "sessions:read",
        "sessions:write",
        "config:read",
        "config:write",
        "events:read",
        "events:write",
        "pii:read",
      ],
    ],
    [
      "integrator",
      [
        "calls:create",
        "sessions:report",
        "sessions:command",
        "sessions:read",
        "sessions:write",
        "config:read",
        "events:read",
        "events:write",
        "pii:read",
      ],
    ],
    ["supervisor", ["sessions:command", "sessions:read", "sessions:write", "config:read", "events:read", "pii:read"]],
    ["viewer", ["sessions:read", "config:read", "events:read"]],
  ])("[AUTH-6] the %s may %j", (role, permissions) => {
    expect(granted(role)).toEqual(permissions);
  });

  it("[AUTH-6] without a role nothing is allowed, with several what any of them allows", () => {
    expect(granted()).toEqual([]);
    expect(granted("viewer", "operator")).toEqual(granted("operator"));
  });

  it("[AUTH-6] unknown roles are dropped and known ones are kept once", () => {
    expect(knownRoles(["root", "viewer", "admin", "viewer", "Admin", "__proto__"])).toEqual(["admin", "viewer"]);
    expect(knownRoles(ROLES)).toEqual(ROLES);
  });

  it("[AUTH-6] a principal bound to a trunk acts for that one alone", () => {
    const bound: Principal = { ...having("integrator"), trunk: trunk("berlin") };
    expect(mayUseTrunk(bound, trunk("berlin"))).toBe(true);
    expect(mayUseTrunk(bound, trunk("paris"))).toBe(false);
    expect(mayUseTrunk(having("integrator"), trunk("paris"))).toBe(true);
  });
});
