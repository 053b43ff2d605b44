/**
 * What signs questions to decision services, as Standard Webhooks has it (HMAC-SHA256, `v1`). A secret is derived from CONFIG_KEY, so that
 * it stands nowhere: what rotates it is the version number in the published configuration.
 */
import type { TenantId } from "../../domain/shared/ids.ts";
import { placeOf } from "./data-keys.ts";
import { keyedMac } from "./keyed-mac.ts";
import { ID_HEADER, SECRET_PREFIX, SIGNATURE_HEADER, TIMESTAMP_HEADER, signatureHeaders } from "./standard-webhooks.ts";

const KEY_PURPOSE = "decision-service";

/** `whsec_` and base64 of 32 bytes. A service that is removed and made anew under its name has the same one. */
export async function decisionSecret(configKey: string, tenant: TenantId, service: string, version: number): Promise<string> {
  const mac = await keyedMac(configKey, KEY_PURPOSE, placeOf("secret", tenant, service, String(version)));
  return SECRET_PREFIX + btoa(String.fromCharCode(...mac));
}

/**
 * The headers of a question, signed with the secret of this version and that of the one before: who is asked goes over to a new secret
 * whenever it likes. That the old one signs too opens nothing to who stole it: those who still take it are open to the thief anyway.
 * @param id names the message: visible ASCII.
 */
export async function questionHeaders(
  configKey: string,
  about: { readonly tenant: TenantId; readonly service: string; readonly version: number },
  id: string,
  nowMs: number,
  body: Uint8Array,
): Promise<Readonly<Record<string, string>>> {
  const { tenant, service, version } = about;
  const versions = version > 1 ? [version, version - 1] : [version];
  const signed = await Promise.all(
    versions.map(async (one) => signatureHeaders(await decisionSecret(configKey, tenant, service, one), id, nowMs, body)),
  );
  return {
    [ID_HEADER]: id,
    [TIMESTAMP_HEADER]: signed[0]![TIMESTAMP_HEADER]!,
    [SIGNATURE_HEADER]: signed.map((headers) => headers[SIGNATURE_HEADER]!).join(" "),
  };
}
