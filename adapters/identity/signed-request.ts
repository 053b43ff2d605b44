/**
 * Requests that a PBX signs (standard-webhooks.ts).
 *
 * The trunk that signed is named by the header `Trunkline-Trunk: <tenant>/<trunk>` or, for software that cannot set a header, by the
 * query `?trunk=<tenant>/<trunk>`; both are accepted together only when they agree. The name needs no signature of its own: it
 * chooses the secret, and another trunk's secret does not verify.
 */
import type { Permission, Principal } from "../../domain/identity/principal.ts";
import { type TenantId, type TrunkId, parseTenantId, parseTrunkId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AuthProblem } from "./auth-problem.ts";
import { isSignedBy, isTimely, signedHeaders } from "./standard-webhooks.ts";

export { SIGNATURE_HEADER } from "./standard-webhooks.ts";
export const TRUNK_HEADER = "trunkline-trunk";
export const TRUNK_PARAMETER = "trunk";

const BAD: AuthProblem = { tag: "bad_credentials" };

/** The trunk's current secrets, `whsec_<base64>`, several during a rotation; empty when it has none or does not exist. */
export type TrunkSecrets = (tenant: TenantId, trunk: TrunkId) => Promise<readonly string[]>;

export type SignedRequest = {
  readonly method: string;
  readonly headers: Headers;
  readonly url: URL;
  readonly body: Uint8Array;
  /** An emergency call waits for no object, so that whether its signature has come before is not asked ([GATE-4]). */
  readonly isEmergency?: boolean;
};

/**
 * What a message is good for: calls and reports on them, which come to the same however often they come. Whatever else a captured one could
 * be sent to within the tolerance, since it signs neither method nor path, takes RFC 9421. What a call's answer says to dial is shown whole.
 */
const GOOD_FOR: readonly Permission[] = ["calls:create", "sessions:report", "pii:read"];

export type TrunkName = { readonly tenant: TenantId; readonly trunk: TrunkId };

/** The trunk that a request names as its own. Proves nothing. */
export function namedTrunk(headers: Headers, url: URL): Result<TrunkName, AuthProblem> {
  const header = headers.get(TRUNK_HEADER);
  const parameters = url.searchParams.getAll(TRUNK_PARAMETER);
  const names = new Set(header === null ? parameters : [header, ...parameters]);
  const [name] = names;
  if (name === undefined || names.size !== 1) return err(BAD);
  const slash = name.indexOf("/");
  if (slash < 0) return err(BAD);
  const tenant = parseTenantId(name.slice(0, slash));
  const trunk = parseTrunkId(name.slice(slash + 1));
  return tenant.ok && trunk.ok ? ok({ tenant: tenant.value, trunk: trunk.value }) : err(BAD);
}

/**
 * The principal of a signed request: an integrator of calls and reports alone, bound to the trunk that signed.
 * @param nowMs Unix milliseconds.
 */
export async function checkSignedRequest(
  request: SignedRequest,
  trunkSecrets: TrunkSecrets,
  nowMs: number,
): Promise<Result<Principal, AuthProblem>> {
  const signed = signedHeaders(request.headers);
  if (signed === null) return err(BAD);
  const named = namedTrunk(request.headers, request.url);
  if (!named.ok) return named;
  if (!isTimely(signed, nowMs)) return err({ tag: "replayed_or_stale" });
  const { tenant, trunk } = named.value;
  if (!(await isSignedBy(await trunkSecrets(tenant, trunk), signed, request.body))) return err({ tag: "bad_signature" });
  return ok({ tenant, subject: `trunk:${trunk}`, roles: ["integrator"], scopes: GOOD_FOR, via: "signature", trunk });
}
