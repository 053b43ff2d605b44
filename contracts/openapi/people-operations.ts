/** The tenant, its users, their roles and invitations, and who asks. */
import { mergePatch } from "./configuration-schemas.ts";
import { DIRECTORY_OPERATIONS } from "./directory-operations.ts";
import type { Operation } from "./operation.ts";
import {
  GONE,
  IF_MATCH,
  IF_NONE_MATCH,
  NOT_MODIFIED,
  PAGE,
  PAGE_PROBLEMS,
  TYPED_BODY_PROBLEMS,
  UNLESS_THERE,
  inPath,
  json,
} from "./parts.ts";
import { KNOWN_PROBLEMS, known, made, managed, ok, page } from "./people-parts.ts";
import { me, role, roleContent, rolePage, tenant, tenantPage } from "./people-schemas.ts";

export { PEOPLE_SCHEMAS } from "./people-schemas.ts";

const POLICY = {
  corsOrigins: ["https://desk.example.org"],
  signedPermissions: ["config:publish"],
  signedTrunks: [],
  limits: { client: { burst: 400, perS: 100 } },
};
const TIMES = { createdAt: "2026-11-21T09:00:00.000Z", updatedAt: "2026-11-22T08:30:00.000Z" };
const TENANT = { id: "clinic", name: "A clinic", policy: POLICY, ...TIMES };
const ROLE = { description: "Reception: sees calls and takes them over", permissions: ["sessions:read", "sessions:command"] };
const DESK = { id: "reception", ...ROLE, builtIn: false };
const VIEWER = {
  id: "viewer",
  description: "",
  permissions: ["sessions:read", "config:read", "events:read"],
  builtIn: true,
};
const ME = {
  tenant: "clinic",
  subject: "auth0|64f0a1",
  via: "jwt",
  roles: ["reception"],
  permissions: ["sessions:command", "sessions:read"],
  scopes: null,
  trunk: null,
  expiresAt: "2026-11-22T10:00:00.000Z",
  inDirectory: true,
};

const TENANT_ID = inPath("id", "The tenant's id; any other than the own one is 404.", TENANT.id);

const TENANTS: readonly Operation[] = [
  {
    ...managed,
    id: "listTenants",
    method: "get",
    path: "/v1/tenants",
    summary: "The tenant that asks",
    description: "A list of one: nobody sees another.",
    parameters: PAGE,
    answers: [page(tenantPage, TENANT)],
    problems: PAGE_PROBLEMS,
  },
  {
    ...managed,
    id: "getTenant",
    method: "get",
    path: "/v1/tenants/{id}",
    summary: "The tenant and its policy",
    parameters: [TENANT_ID, IF_NONE_MATCH],
    answers: [ok("The tenant.", tenant, TENANT), NOT_MODIFIED],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "updateTenant",
    method: "patch",
    path: "/v1/tenants/{id}",
    summary: "Change the tenant's name or policy",
    description:
      "By a merge patch of `name` and `policy`: origins of pages that may ask, permissions and trunks for which requests have to be signed, limits. In force within ten seconds. What would shut out who asks is 409.",
    parameters: [TENANT_ID, IF_MATCH],
    body: ["application/merge-patch+json", "application/json"].map((mediaType) => ({
      mediaType,
      schema: mergePatch,
      example: { policy: { corsOrigins: POLICY.corsOrigins } },
    })),
    answers: [ok("The tenant, whole.", tenant, TENANT)],
    problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed", "conflict"],
  },
];

const ROLE_ID = inPath("id", "The role's name.", DESK.id);

const ROLE_OPERATIONS: readonly Operation[] = [
  {
    ...managed,
    id: "listRoles",
    method: "get",
    path: "/v1/roles",
    summary: "List roles",
    description: "The built-in ones first, then the tenant's own by name.",
    parameters: PAGE,
    answers: [page(rolePage, VIEWER)],
    problems: PAGE_PROBLEMS,
  },
  {
    ...managed,
    id: "getRole",
    method: "get",
    path: "/v1/roles/{id}",
    summary: "One role",
    parameters: [ROLE_ID, IF_NONE_MATCH],
    answers: [ok("The role.", role, DESK), NOT_MODIFIED],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "putRole",
    method: "put",
    path: "/v1/roles/{id}",
    summary: "Make or replace a role of the tenant's own",
    description: "It may grant what who asks has, and nothing else (403). Built-in roles are what they are (409).",
    parameters: [ROLE_ID, IF_MATCH, UNLESS_THERE],
    body: [json(roleContent, ROLE)],
    answers: [ok("The role.", role, DESK), made(role, DESK)],
    problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed", "conflict"],
  },
  {
    ...managed,
    id: "deleteRole",
    method: "delete",
    path: "/v1/roles/{id}",
    summary: "Remove a role",
    description: "Not while users, keys, issuers or open invitations have it (409).",
    parameters: [ROLE_ID, IF_MATCH],
    answers: [GONE],
    problems: ["bad_header", "not_found", "precondition_failed", "conflict"],
  },
];

const getMe: Operation = {
  ...known,
  rate: "api-read",
  id: "getMe",
  method: "get",
  path: "/v1/me",
  summary: "Who asks",
  description: "As the service sees them: roles after the directory, permissions after the scopes.",
  parameters: [],
  answers: [{ status: 200, description: "Who asks.", content: [json(me, ME)] }],
  problems: KNOWN_PROBLEMS,
};

export const PEOPLE_OPERATIONS: readonly Operation[] = [getMe, ...TENANTS, ...ROLE_OPERATIONS, ...DIRECTORY_OPERATIONS];
