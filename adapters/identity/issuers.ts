/** Which token issuers are trusted: a JSON array in the environment, parsed once. */
import type { JWK } from "jose";
import { z } from "zod";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { type TenantId, parseTenantId } from "../../domain/shared/ids.ts";

/** Asymmetric only: with a shared secret every verifier could also sign. */
export const ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

/** Keys decide who is let in, so that they travel over TLS or not at all over a network. */
function mayCarryKeys(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK_HOSTS.includes(url.hostname));
}

const KEY_TYPES: readonly unknown[] = ["RSA", "EC", "OKP"];

/** A public key (RFC 7517). Symmetric keys and private ones have no place in the configuration of a verifier. */
function isPublicKey(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kty" in value && KEY_TYPES.includes(value.kty) && !("d" in value);
}

const publicKey = z.custom<JWK>(isPublicKey, "must be a public RSA, EC or OKP key");

const tenant = z.string().transform((raw, context): TenantId => {
  const parsed = parseTenantId(raw);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: "custom", message: parsed.error });
  return z.NEVER;
});

const issuerSchema = z
  .strictObject({
    issuer: z.string().min(1),
    audience: z.string().min(1),
    jwks: z.strictObject({ keys: z.array(publicKey).min(1) }).optional(),
    jwksUrl: z.string().refine(mayCarryKeys, "must be https, or http on a loopback address, without credentials").optional(),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .default([...ALGORITHMS]),
    /** The tenants that the issuer may speak for; absent: any. */
    tenants: z.array(tenant).min(1).optional(),
    rolesClaim: z.string().min(1).default("roles"),
    tenantClaim: z.string().min(1).default("tenant"),
  })
  .refine((config) => (config.jwks === undefined) !== (config.jwksUrl === undefined), "exactly one of jwks and jwksUrl");

export const issuersSchema = z
  .array(issuerSchema)
  .refine((all) => new Set(all.map((one) => one.issuer)).size === all.length, "an issuer is named twice");

/** A trusted issuer with every default filled in. `rolesClaim` and `tenantClaim` name top-level claims. */
export type IssuerConfig = Readonly<z.output<typeof issuerSchema>>;

export type BadIssuers = { readonly tag: "bad_issuers"; readonly details: readonly string[] };

/**
 * Parses the environment's JSON array of `{issuer, audience, jwks | jwksUrl, algorithms?, tenants?, rolesClaim?, tenantClaim?}`.
 * Unknown members are refused: a misspelt `tenants` would let an issuer speak for everybody.
 */
export function parseIssuers(json: string): Result<readonly IssuerConfig[], BadIssuers> {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return err({ tag: "bad_issuers", details: ["not JSON"] });
  }
  const parsed = issuersSchema.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  return err({
    tag: "bad_issuers",
    details: parsed.error.issues.map((issue) => `/${issue.path.map(String).join("/")}: ${issue.message}`),
  });
}
