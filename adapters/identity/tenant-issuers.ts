/** Issuers of tokens that tenants have brought ([KEY-3]): whom they may speak for, and where their keys are kept. */
import { isBuiltIn, possibleRoles } from "../../domain/identity/principal.ts";
import type { TenantIssuer } from "../../domain/identity/tenant-issuer.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { err } from "../../domain/shared/result.ts";
import { type Guard, deadlineOnly } from "../platform/guard.ts";
import { type KeySource, keySource } from "./key-source.ts";

/** What a tenant has in force about tokens. */
export type TenantTrust = {
  /** By the `iss` of their tokens; those of one `iss` differ in their audience. */
  readonly issuers: ReadonlyMap<string, readonly TenantIssuer[]>;
  /** The tenant's own roles. */
  readonly roles: ReadonlyMap<string, unknown>;
};

/** Null when there is no such tenant. */
export type TrustLookUp = (tenant: TenantId) => Promise<TenantTrust | null>;

/** Key sets of tenants' issuers that an isolate remembers: a few kilobytes each. */
export const MAX_TENANT_KEY_SETS = 256;

/** Of an issuer that says its keys are where nobody fetches any. */
const NO_KEYS: KeySource = { keysFor: async () => err({ tag: "no_such_key" }) };

/**
 * The key sets that were used last. Each tenant has its own, also of a set that others use too: whoever asks for keys that are not
 * there must not delay the rotation of somebody else's.
 */
export class TenantKeySets {
  readonly #sources = new Map<string, KeySource>();
  readonly #nowMs: () => number;

  readonly #mayFetch: (url: string) => boolean;
  readonly #guard: Guard;

  /** @param mayFetch judges each set's URL before it is fetched, whoever has let it in when. @param guard what fetches go through. */
  constructor(nowMs: () => number, mayFetch: (url: string) => boolean = () => true, guard: Guard = deadlineOnly) {
    this.#nowMs = nowMs;
    this.#mayFetch = mayFetch;
    this.#guard = guard;
  }

  of(tenant: TenantId, { jwksUrl }: Pick<TenantIssuer, "jwksUrl">): KeySource {
    const name = `${tenant} ${jwksUrl}`;
    const fetched = () => keySource({ jwksUrl }, this.#nowMs, this.#guard);
    const source = this.#sources.get(name) ?? (this.#mayFetch(jwksUrl) ? fetched() : NO_KEYS);
    // Behind the others: what stands first has not been used for the longest.
    this.#sources.delete(name);
    this.#sources.set(name, source);
    if (this.#sources.size > MAX_TENANT_KEY_SETS) {
      for (const oldest of this.#sources.keys()) {
        this.#sources.delete(oldest);
        break;
      }
    }
    return source;
  }

  get size(): number {
    return this.#sources.size;
  }
}

/**
 * What an issuer's words for roles mean to its tenant. Where the tenant says what some of them mean, the others mean nothing: an issuer's
 * own "admin" is nobody's administrator here by accident. Words that mean nothing are passed over; who is left with none has the default
 * ones.
 */
export function rolesOf(words: readonly string[], issuer: TenantIssuer, { roles }: TenantTrust): readonly string[] {
  const { roleNames, defaultRoles } = issuer;
  const isListed = Object.keys(roleNames).length > 0;
  const named = words.flatMap((word) => (Object.hasOwn(roleNames, word) ? [roleNames[word]!] : []));
  const meant = possibleRoles(isListed ? named : words);
  const known = meant.filter((name) => isBuiltIn(name) || roles.has(name));
  return known.length > 0 ? known : possibleRoles(defaultRoles);
}
