/** An issuer of tokens that a tenant has brought: it speaks for that tenant alone, whatever its tokens say of tenants. */
export type TenantIssuer = {
  readonly id: string;
  /** The `iss` of its tokens, exactly. */
  readonly issuer: string;
  readonly audience: string;
  /** Where its keys are (RFC 7517 §5). */
  readonly jwksUrl: string;
  readonly algorithms: readonly ("RS256" | "ES256" | "EdDSA")[];
  readonly rolesClaim: string;
  /** What its words for roles mean here; a word that is not in it means the role of that name. */
  readonly roleNames: Readonly<Record<string, string>>;
  /** Roles of everybody whose token names none. */
  readonly defaultRoles: readonly string[];
};
