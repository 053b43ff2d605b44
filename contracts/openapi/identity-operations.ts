/** What may act for a tenant: API keys, issuers of tokens, secrets and public keys of trunks. */
import { z } from "zod";
import { ROLES } from "../../domain/identity/principal.ts";
import { newApiKey, newSecret, rotation } from "../access.ts";
import { issuerInput } from "../issuers.ts";
import type { Answer, Operation } from "./operation.ts";
import {
  ETAG,
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
  pageOf,
  query,
} from "./parts.ts";
import type { Schemas } from "./schema-json.ts";
import { written } from "./written.ts";

const instant = z.iso.datetime();

const apiKey = z.object({
  id: z.string(),
  ...newApiKey.omit({ publicKey: true, expiresAt: true }).extend({ scopes: written(newApiKey.shape.scopes) }).shape,
  allowedNetworks: z.array(z.string()),
  trunk: z.string().nullable(),
  publicKey: z.string().nullable().describe("Ed25519, base64."),
  rotatedFrom: z.string().nullable().describe("The key that this one takes the place of."),
  expiresAt: instant.nullable(),
  revokedAt: instant.nullable(),
  lastUsedAt: instant.nullable().describe("To the hour."),
  createdBy: z.string().nullable(),
  createdAt: instant,
});
const apiKeyPage = pageOf(apiKey);
const madeApiKey = apiKey.extend({ key: z.string().describe("`tlk_<tenant>_<id>_<secret>`: shown this once.") });

const issuerContent = issuerInput.partial({ id: true });
const issuer = written(issuerInput) as z.ZodObject;
const issuerPage = pageOf(issuer);

const trunkSecret = z.object({
  trunk: z.string(),
  id: z.string(),
  retiredAt: instant.nullable(),
  createdBy: z.string().nullable(),
  createdAt: instant,
});
const trunkSecretPage = pageOf(trunkSecret);
const madeTrunkSecret = trunkSecret.extend({
  secret: z.string().optional().describe("`whsec_…`: shown this once. Absent where a public key was given."),
});

const PUBLIC_KEY = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
const NEW_KEY = {
  name: "Billing",
  roles: [ROLES[3]],
  scopes: ["events:read"],
  allowedNetworks: ["192.0.2.0/24", "2001:db8::/32"],
};
const KEY = {
  id: "0m3v8q1x7c2k",
  ...NEW_KEY,
  trunk: null,
  publicKey: null,
  rotatedFrom: null,
  expiresAt: "2027-11-21T00:00:00.000Z",
  revokedAt: null,
  lastUsedAt: "2026-11-21T15:00:00.000Z",
  createdBy: "alice",
  createdAt: "2026-11-01T09:00:00.000Z",
};
const KEY_TEXT = "tlk_demo_0m3v8q1x7c2k_vTn1m0cUQeX2h8kqkq3rWm3m9cX1sY0bLr7pQd5uJ4E";
const ISSUER = {
  id: "company",
  issuer: "https://login.example",
  audience: "https://trunkline.example/demo",
  jwksUrl: "https://login.example/jwks",
  algorithms: ["RS256"],
  rolesClaim: "groups",
  roleNames: { "Call Center": "supervisor" },
  defaultRoles: ["viewer"],
};
const { id: _id, ...ISSUER_CONTENT } = ISSUER;
const SECRET = {
  trunk: "pbx-main",
  id: "2026-11",
  retiredAt: null,
  createdBy: "alice",
  createdAt: "2026-11-01T09:00:00.000Z",
};
const WHSEC = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

const managed = { tag: "Access", permission: "access:manage" } as const;
const LOCATION = { Location: "Where it is." };

const ok = (description: string, schema: z.ZodType, example: unknown): Answer => ({
  status: 200,
  description,
  content: [json(schema, example)],
  headers: ETAG,
});
const page = (schema: z.ZodType, example: unknown): Answer => ({
  status: 200,
  description: "A page.",
  content: [json(schema, { items: [example] })],
});
const shownOnce = (schema: z.ZodType, example: unknown): Answer => ({
  status: 201,
  description: "It is in force, and shown this once.",
  content: [json(schema, example)],
  headers: LOCATION,
});

const flag = z.enum(["true", "false"]);
const KEY_ID = inPath("id", "The 12 characters of the key that are no secret.", KEY.id);
const ISSUER_ID = inPath("id", "The issuer's name here.", ISSUER.id);
const TRUNK = inPath("id", "The trunk's id.", SECRET.trunk);

const KEYS: readonly Operation[] = [
  {
    ...managed,
    id: "listApiKeys",
    method: "get",
    path: "/v1/api-keys",
    summary: "List API keys",
    parameters: [
      query("trunk", "Bound to one of these trunks.", z.string(), "pbx-main"),
      query("revoked", "Revoked ones alone, or those that are not.", flag, "false"),
      ...PAGE,
    ],
    answers: [page(apiKeyPage, KEY)],
    problems: PAGE_PROBLEMS,
  },
  {
    ...managed,
    id: "createApiKey",
    method: "post",
    path: "/v1/api-keys",
    summary: "Make an API key",
    description:
      "`scopes` narrows what the roles grant, `allowedNetworks` from where the key may be used, `trunk` for which trunk. With `publicKey` (Ed25519, as PEM, JWK or base64) its holder signs requests as `<tenant>/<id>` (RFC 9421). Nobody gives more than they have (403).",
    isIdempotent: true,
    parameters: [],
    body: [json(newApiKey, { ...NEW_KEY, expiresAt: KEY.expiresAt })],
    answers: [shownOnce(madeApiKey, { ...KEY, lastUsedAt: null, key: KEY_TEXT })],
    problems: [...TYPED_BODY_PROBLEMS, "not_found"],
  },
  {
    ...managed,
    id: "getApiKey",
    method: "get",
    path: "/v1/api-keys/{id}",
    summary: "One API key",
    parameters: [KEY_ID, IF_NONE_MATCH],
    answers: [ok("The key, without its secret.", apiKey, KEY), NOT_MODIFIED],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "rotateApiKey",
    method: "post",
    path: "/v1/api-keys/{id}/rotate",
    summary: "Replace an API key by another with the same rights",
    description:
      "The old one goes on holding for `overlapS` (a day, unless it is said), never longer than it would have. The new one expires when the old one would have, unless `expiresAt` says otherwise. A key that has ended is 409.",
    isIdempotent: true,
    isBodyOptional: true,
    parameters: [KEY_ID],
    body: [json(rotation, { overlapS: 3600 })],
    answers: [shownOnce(madeApiKey, { ...KEY, id: "9x2b4n6m8l0p", rotatedFrom: KEY.id, lastUsedAt: null, key: KEY_TEXT })],
    problems: [...TYPED_BODY_PROBLEMS, "not_found", "conflict", "precondition_failed"],
  },
  {
    ...managed,
    id: "revokeApiKey",
    method: "post",
    path: "/v1/api-keys/{id}/revoke",
    summary: "Revoke an API key",
    description: "It is refused from the next snapshot on, within ten seconds. Revoking again changes nothing.",
    parameters: [KEY_ID],
    answers: [ok("The key.", apiKey, { ...KEY, revokedAt: "2026-11-21T16:00:00.000Z" })],
    problems: ["not_found"],
  },
];

const ISSUERS: readonly Operation[] = [
  {
    ...managed,
    id: "listIssuers",
    method: "get",
    path: "/v1/issuers",
    summary: "List the tenant's own token issuers",
    parameters: PAGE,
    answers: [page(issuerPage, ISSUER)],
    problems: PAGE_PROBLEMS,
  },
  {
    ...managed,
    id: "getIssuer",
    method: "get",
    path: "/v1/issuers/{id}",
    summary: "One token issuer",
    parameters: [ISSUER_ID, IF_NONE_MATCH],
    answers: [ok("The issuer.", issuer, ISSUER), NOT_MODIFIED],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "putIssuer",
    method: "put",
    path: "/v1/issuers/{id}",
    summary: "Trust an issuer of tokens, or change what is trusted",
    description:
      "Its tokens speak for this tenant alone, whatever they say. A token without a claim `tenant` comes with the header `Trunkline-Tenant`. `roleNames` says what its words mean; a word that is not there means the role of that name; who is left without a role has `defaultRoles`. Who puts an issuer must have every permission (403).",
    parameters: [ISSUER_ID, IF_MATCH, UNLESS_THERE],
    body: [json(issuerContent, ISSUER_CONTENT)],
    answers: [
      ok("The issuer.", issuer, ISSUER),
      { ...ok("It is trusted.", issuer, ISSUER), status: 201, headers: { ...ETAG, ...LOCATION } },
    ],
    problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed", "conflict"],
  },
  {
    ...managed,
    id: "deleteIssuer",
    method: "delete",
    path: "/v1/issuers/{id}",
    summary: "Trust an issuer no longer",
    description: "In force within ten seconds, also for tokens that were accepted before.",
    parameters: [ISSUER_ID, IF_MATCH],
    answers: [GONE],
    problems: ["bad_header", "not_found", "precondition_failed"],
  },
];

const SECRETS: readonly Operation[] = [
  {
    ...managed,
    id: "listTrunkSecrets",
    method: "get",
    path: "/v1/trunks/{id}/secrets",
    summary: "List the names of a trunk's secrets",
    parameters: [TRUNK, query("retired", "Retired ones alone, or those that hold.", flag, "false"), ...PAGE],
    answers: [page(trunkSecretPage, SECRET)],
    problems: [...PAGE_PROBLEMS, "not_found"],
  },
  {
    ...managed,
    id: "createTrunkSecret",
    method: "post",
    path: "/v1/trunks/{id}/secrets",
    summary: "Add a secret, or a public key, with which a trunk signs",
    description:
      "Several hold at once. With `publicKey` (Ed25519, as PEM, JWK or base64) no secret is made. A request signed by RFC 9421 names it as `keyid`: `<tenant>/<trunk>/<id>`.",
    isIdempotent: true,
    isBodyOptional: true,
    parameters: [TRUNK],
    body: [json(newSecret, { id: SECRET.id, publicKey: PUBLIC_KEY })],
    answers: [shownOnce(madeTrunkSecret, { ...SECRET, secret: WHSEC })],
    problems: [...TYPED_BODY_PROBLEMS, "not_found", "conflict"],
  },
  {
    ...managed,
    id: "retireTrunkSecret",
    method: "delete",
    path: "/v1/trunks/{id}/secrets/{secret}",
    summary: "Retire a trunk's secret",
    description: "What is signed with it is refused from the next snapshot on. Retiring again changes nothing.",
    parameters: [TRUNK, inPath("secret", "The secret's name.", SECRET.id)],
    answers: [ok("It is retired.", trunkSecret, { ...SECRET, retiredAt: "2026-11-21T16:00:00.000Z" })],
    problems: ["not_found"],
  },
];

export const IDENTITY_OPERATIONS: readonly Operation[] = [...KEYS, ...ISSUERS, ...SECRETS];

export const IDENTITY_SCHEMAS: Schemas = {
  NewApiKey: newApiKey,
  ApiKey: apiKey,
  ApiKeyPage: apiKeyPage,
  MadeApiKey: madeApiKey,
  ApiKeyRotation: rotation,
  IssuerContent: issuerContent,
  Issuer: issuer,
  IssuerPage: issuerPage,
  NewTrunkSecret: newSecret,
  TrunkSecret: trunkSecret,
  TrunkSecretPage: trunkSecretPage,
  MadeTrunkSecret: madeTrunkSecret,
};
