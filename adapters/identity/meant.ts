/** On whose behalf a request means to come, by credentials that were not good. Proves nothing: good for what anybody may do. */
import { decodeJwt } from "jose";
import { API_KEY_PREFIX, parseApiKey } from "../../domain/identity/api-key.ts";
import { type TenantId, type TrunkId, parseTenantId } from "../../domain/shared/ids.ts";
import { tenantMeant } from "./claims.ts";
import { saidSignerOf } from "./http-signature/check.ts";
import { namedTrunk } from "./signed-request.ts";

export type Meant = {
  readonly tenant: TenantId;
  /** Named beside the credentials; null: none is. */
  readonly trunk: TrunkId | null;
  /** The API key that was sent; null: none was, or nothing that looks like one. */
  readonly keyId: string | null;
  /** By whom the token that was sent says that it was made; null: none was. */
  readonly issuer: string | null;
};

const BEARER = /^bearer +([^ ]+)$/i;
const TENANT_HEADER = "trunkline-tenant";

function byToken(token: string, chosen: string | null): Meant | null {
  try {
    const payload = decodeJwt(token);
    const tenant = tenantMeant(payload, chosen);
    return tenant === null ? null : { tenant, trunk: null, keyId: null, issuer: payload.iss ?? null };
  } catch {
    return null;
  }
}

function byKey(key: string): Meant | null {
  const parts = parseApiKey(key);
  return parts.ok ? { tenant: parts.value.tenant, trunk: null, keyId: parts.value.keyId, issuer: null } : null;
}

/** By the trunk that is named, else by an API key, a token, a signature's key, or the tenant that is named. Null: nothing says. */
export function meantBy(headers: Headers, url: URL): Meant | null {
  const named = namedTrunk(headers, url);
  if (named.ok) return { ...named.value, keyId: null, issuer: null };
  const chosen = headers.get(TENANT_HEADER);
  const bearer = BEARER.exec(headers.get("authorization") ?? "")?.[1] ?? null;
  const key = bearer?.startsWith(API_KEY_PREFIX) ? bearer : headers.get("x-api-key");
  const byCredentials = (key === null ? null : byKey(key)) ?? (bearer === null ? null : byToken(bearer, chosen));
  if (byCredentials !== null) return byCredentials;
  const byName = parseTenantId(chosen ?? "");
  const tenant = saidSignerOf(headers) ?? (byName.ok ? byName.value : null);
  return tenant === null ? null : { tenant, trunk: null, keyId: null, issuer: null };
}
