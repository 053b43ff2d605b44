import { describe, expect, it } from "vitest";
import {
  meJson,
  parseAcceptance,
  parseNewInvitation,
  parseRole,
  parseTenantSettings,
  parseUser,
} from "../../contracts/people.ts";
import { INVITATION_MS, mintInvitation, parseInvitationToken } from "../../domain/identity/invitation.ts";
import { isOriginAllowed } from "../../domain/identity/origin.ts";
import { PERMISSIONS, ROLES } from "../../domain/identity/principal.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

const CLINIC = "clinic" as TenantId;

function pointers(parsed: { ok: true } | { ok: false; error: readonly { readonly pointer: string }[] }): readonly string[] {
  return parsed.ok ? [] : parsed.error.map(({ pointer }) => pointer);
}

describe("[ORG-1] a tenant's name and policy", () => {
  const settings = (policy: unknown) => parseTenantSettings({ name: "A clinic", policy });

  it("have defaults, and bounds", () => {
    const none = { corsOrigins: [], signedPermissions: [], signedTrunks: [], limits: {} };
    expect(settings({})).toEqual({ ok: true, value: { name: "A clinic", policy: none } });
    const whole = {
      corsOrigins: ["https://desk.example.org", "http://localhost:5173", "*"],
      signedPermissions: ["access:manage"],
      signedTrunks: ["main"],
      limits: { client: { burst: 10, perS: 0.5 }, tenant: { burst: 1_000_000, perS: 1 } },
    };
    expect(settings(whole)).toEqual({ ok: true, value: { name: "A clinic", policy: whole } });
    expect(pointers(parseTenantSettings({ name: "", policy: {} }))).toEqual(["/name"]);
    expect(pointers(settings({ limits: { client: { burst: 0, perS: 1 } } }))).toEqual(["/policy/limits/client/burst"]);
    expect(pointers(settings({ limits: { tenant: { burst: 1, perS: 2_000_000 } } }))).toEqual(["/policy/limits/tenant/perS"]);
    expect(pointers(settings({ signedPermissions: ["everything"] }))).toEqual(["/policy/signedPermissions/0"]);
    expect(pointers(settings({ secret: true }))).toEqual(["/policy/secret"]);
  });

  it.each([
    "desk.example.org",
    "https://desk.example.org/",
    "https://desk.example.org:443",
    "https://DESK.example.org",
    "https://a:b@desk.example.org",
    "https://*.example.org",
    "ftp://desk.example.org",
    "null",
    "",
  ])("take no origin such as %s", (origin) => {
    expect(pointers(settings({ corsOrigins: [origin] }))).toEqual(["/policy/corsOrigins/0"]);
  });
});

describe("[API-7] an origin", () => {
  const OWN = "https://api.example.org";
  const policy = { corsOrigins: ["https://desk.example.org"] };

  it("is let in when the policy names it, exactly, or when it is the service's own", () => {
    expect(isOriginAllowed("https://desk.example.org", OWN, policy)).toBe(true);
    expect(isOriginAllowed(OWN, OWN, { corsOrigins: [] })).toBe(true);
    for (const other of [
      "http://desk.example.org",
      "https://desk.example.org.evil.test",
      "https://desk.example.org:8443",
      "null",
      "",
    ])
      expect(isOriginAllowed(other, OWN, policy)).toBe(false);
    expect(isOriginAllowed("null", OWN, { corsOrigins: ["*"] })).toBe(true);
  });
});

describe("[ORG-2] roles on the wire", () => {
  it("have names of their own, and permissions that there are", () => {
    const role = { id: "reception", description: "", permissions: ["sessions:read"] };
    expect(parseRole({ id: "reception", permissions: ["sessions:read"] })).toEqual({ ok: true, value: role });
    expect(parseRole({ ...role, builtIn: false })).toEqual({ ok: true, value: role });
    for (const id of ROLES) expect(pointers(parseRole({ ...role, id }))).toEqual(["/id"]);
    expect(pointers(parseRole({ ...role, id: "Front Desk" }))).toEqual(["/id"]);
    expect(pointers(parseRole({ ...role, builtIn: true }))).toEqual(["/builtIn"]);
    expect(pointers(parseRole({ ...role, permissions: [] }))).toEqual(["/permissions"]);
    expect(pointers(parseRole({ ...role, permissions: ["root"] }))).toEqual(["/permissions/0"]);
    expect(pointers(parseRole({ ...role, permissions: ["sessions:read", "sessions:read"] }))).toEqual(["/permissions"]);
  });

  it("[ORG-3] of users may be any that a tenant may have", () => {
    const user = { id: "auth0|1", email: "ada@example.org", name: "Ada", profile: "+4930123456", roles: ["reception"] };
    expect(parseUser(user)).toEqual({ ok: true, value: { ...user, disabled: false } });
    expect(pointers(parseUser({ ...user, roles: ["No Role"] }))).toEqual(["/roles/0"]);
    expect(pointers(parseUser({ ...user, profile: "not a number of anybody" }))).toEqual(["/profile"]);
  });
});

describe("[ORG-4] invitations on the wire", () => {
  it("are good for seven days, unless they say something else within bounds", () => {
    const asked = { email: null, name: "", roles: ["viewer"], expiresInS: INVITATION_MS / 1_000 };
    expect(parseNewInvitation({ roles: ["viewer"] })).toEqual({ ok: true, value: asked });
    expect(INVITATION_MS).toBe(7 * 24 * 3_600_000);
    expect(pointers(parseNewInvitation({ roles: ["viewer"], expiresInS: 1 }))).toEqual(["/expiresInS"]);
    expect(pointers(parseNewInvitation({ roles: [] }))).toEqual(["/roles"]);
    expect(pointers(parseAcceptance({}))).toEqual(["/token"]);
  });

  it("have tokens that say which they are, and nothing else is one", () => {
    const { text, ...parts } = mintInvitation(
      CLINIC,
      Uint8Array.from({ length: 64 }, (_, i) => i * 3),
    );
    expect(text).toMatch(/^tli_clinic_[0-9a-z]{12}_[\w-]{43}$/);
    expect(parseInvitationToken(text)).toEqual({ ok: true, value: parts });
    const others = [
      "",
      text.slice(0, -1),
      `${text}x`,
      text.replace("tli_", "tlk_"),
      text.replace("clinic", "Clinic"),
      ` ${text}`,
    ];
    for (const other of others) expect(parseInvitationToken(other)).toMatchObject({ ok: false });
  });
});

describe("[API-10] who asks", () => {
  it("is told tenant, subject, roles, permissions after scope, proof and end", () => {
    const principal = {
      tenant: CLINIC,
      subject: "ada",
      via: "jwt",
      roles: ["admin"],
      scopes: ["audit:read", "sessions:read"],
      expiresMs: Date.UTC(2026, 10, 22, 12),
    } as const;
    expect(meJson(principal, true)).toEqual({
      tenant: "clinic",
      subject: "ada",
      via: "jwt",
      roles: ["admin"],
      permissions: ["sessions:read", "audit:read"],
      scopes: ["audit:read", "sessions:read"],
      trunk: null,
      expiresAt: "2026-11-22T12:00:00.000Z",
      inDirectory: true,
    });
    const { scopes: _scopes, expiresMs: _end, ...lasting } = principal;
    expect(meJson(lasting, false)).toMatchObject({ permissions: [...PERMISSIONS], scopes: null, expiresAt: null });
  });
});
