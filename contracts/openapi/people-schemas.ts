/** A tenant and its people, as the interface description shows them. */
import { z } from "zod";
import { INVITATION_STATES } from "../../domain/identity/people-store.ts";
import { PERMISSIONS } from "../../domain/identity/principal.ts";
import { PEOPLE_FORMS } from "../people.ts";
import { pageOf } from "./parts.ts";
import type { Schemas } from "./schema-json.ts";
import { written } from "./written.ts";

const instant = z.iso.datetime();

export const tenant = z.object({
  id: z.string(),
  ...PEOPLE_FORMS.tenant.extend({ policy: written(PEOPLE_FORMS.tenant.shape.policy) }).shape,
  createdAt: instant,
  updatedAt: instant,
});
export const tenantPage = pageOf(tenant);

/** The id may be left out: it is in the path. */
export const roleContent = PEOPLE_FORMS.role.partial({ id: true });
export const role = z.object({
  id: z.string(),
  description: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
  builtIn: z.boolean().describe("Built-in roles are the same for every tenant, and cannot be changed."),
});
export const rolePage = pageOf(role);

export const userContent = PEOPLE_FORMS.user.partial({ id: true });
export const user = z.object({
  id: z.string().describe("The subject of the user's tokens."),
  issuer: z
    .string()
    .nullable()
    .describe("The tenant's own issuer whose subject it is; null: one of the deployment's, or not said."),
  email: z.string().nullable(),
  name: z.string(),
  profile: z.string().nullable().describe("The routing key of the profile of the calls to this user."),
  roles: z.array(z.string()),
  disabled: z.boolean(),
});
export const userPage = pageOf(user);

export const newInvitation = PEOPLE_FORMS.newInvitation;
export const invitation = z.object({
  id: z.string(),
  email: z.string().nullable(),
  name: z.string(),
  roles: z.array(z.string()),
  createdBy: z.string(),
  acceptedBy: z.string().nullable().describe("The subject who joined by it."),
  state: z.enum(INVITATION_STATES),
  expiresAt: instant,
  acceptedAt: instant.nullable(),
  revokedAt: instant.nullable(),
  createdAt: instant,
});
export const invitationPage = pageOf(invitation);
export const madeInvitation = invitation.extend({
  token: z.string().describe("`tli_<tenant>_<id>_<secret>`: shown this once. Whoever has it may join."),
});
export const acceptance = PEOPLE_FORMS.acceptance;

export const me = z.object({
  tenant: z.string(),
  subject: z.string(),
  via: z.enum(["jwt", "api_key", "signature"]).describe("How it was proven."),
  roles: z.array(z.string()),
  permissions: z.array(z.enum(PERMISSIONS)).describe("What the roles grant, as far as the scopes do not leave it out."),
  scopes: z.array(z.enum(PERMISSIONS)).nullable().describe("What the credentials are good for at most; null: not narrowed."),
  trunk: z.string().nullable().describe("The one trunk that the credentials belong to."),
  expiresAt: instant.nullable(),
  inDirectory: z.boolean().describe("Whether the tenant knows the subject itself, so that its word on roles counts."),
});

export const PEOPLE_SCHEMAS: Schemas = {
  Tenant: tenant,
  TenantPage: tenantPage,
  RoleContent: roleContent,
  Role: role,
  RolePage: rolePage,
  UserContent: userContent,
  User: user,
  UserPage: userPage,
  NewInvitation: newInvitation,
  Invitation: invitation,
  InvitationPage: invitationPage,
  MadeInvitation: madeInvitation,
  Acceptance: acceptance,
  Me: me,
};
