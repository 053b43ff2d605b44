/** Issuers of tokens that a tenant brings, in JSON. */
import { z } from "zod";
import { MAX_ROLES } from "../domain/identity/principal.ts";
import type { TenantIssuer } from "../domain/identity/tenant-issuer.ts";
import type { OutsideUrlProblem } from "../domain/shared/public-address.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { entityErrors } from "./configuration/entities.ts";
import { entityId, plainText, setOf } from "./configuration/fields.ts";
import type { FieldError } from "./issues.ts";
import { roleName, roleNames } from "./roles.ts";

/** Characters of what stands in tokens, and of where keys are. */
const MAX_TEXT = 512;
/** Words of an issuer's that mean a role here. */
const MAX_ROLE_WORDS = 64;

const ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;

const words = z
  .record(plainText(MAX_TEXT).min(1), roleName)
  .refine((names) => Object.keys(names).length <= MAX_ROLE_WORDS, `at most ${MAX_ROLE_WORDS}`);

export const issuerInput = z.strictObject({
  id: entityId,
  issuer: plainText(MAX_TEXT).min(1),
  audience: plainText(MAX_TEXT).min(1),
  jwksUrl: z.string().max(MAX_TEXT),
  algorithms: setOf(z.enum(ALGORITHMS))
    .min(1)
    .default([...ALGORITHMS]),
  rolesClaim: plainText(MAX_TEXT).min(1).default("roles"),
  roleNames: words.default({}),
  defaultRoles: roleNames.max(MAX_ROLES).default([]),
});

/** `PUT /v1/issuers/{id}`. Where its keys are is judged apart. */
export function parseIssuer(json: unknown): Result<TenantIssuer, readonly FieldError[]> {
  const parsed = issuerInput.safeParse(json);
  return parsed.success ? ok(parsed.data) : err(entityErrors(parsed.error, json));
}

const URL_PROBLEMS: Readonly<Record<OutsideUrlProblem, string>> = {
  not_a_url: "is not a URL",
  not_https: "is not https",
  credentials: "has a user name or a password in it",
  not_public: "leads to a private or local network",
  port: "must have no port, or one from 1024 on",
};

export const badKeyUrl = (problem: OutsideUrlProblem): FieldError => ({
  pointer: "/jwksUrl",
  code: "invalid",
  detail: URL_PROBLEMS[problem],
});
