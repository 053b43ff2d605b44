/**
 * Tokens of invitations: `tli_<tenant>_<id>_<secret>`, made as API keys are. Tenant and id find the invitation without a search; the secret
 * alone proves anything, and only its hash is kept.
 */
import { type TenantId, parseTenantId } from "../shared/ids.ts";
import { type Result, err, ok } from "../shared/result.ts";
import { mintApiKey } from "./api-key.ts";

export const INVITATION_PREFIX = "tli_";
/** 7 days: how long an invitation is good for, unless it says less or more. */
export const INVITATION_MS = 7 * 24 * 3_600_000;
/** Between 1 minute and 30 days. */
export const MIN_INVITATION_S = 60;
export const MAX_INVITATION_S = 30 * 24 * 3_600;

export type InvitationParts = { readonly tenant: TenantId; readonly id: string; readonly secret: string };

const TOKEN = /^tli_([^_]+)_([0-9a-z]{12})_([A-Za-z0-9_-]{43})$/;

export function parseInvitationToken(raw: string): Result<InvitationParts, "bad_invitation"> {
  const [, tenantText, id, secret] = TOKEN.exec(raw) ?? [];
  if (tenantText === undefined || id === undefined || secret === undefined) return err("bad_invitation");
  const tenant = parseTenantId(tenantText);
  return tenant.ok ? ok({ tenant: tenant.value, id, secret }) : err("bad_invitation");
}

/**
 * A new token. `text` is shown once and never stored.
 * @param random at least `API_KEY_RANDOM_BYTES` bytes from a cryptographic source.
 */
export function mintInvitation(tenant: TenantId, random: Uint8Array): InvitationParts & { readonly text: string } {
  const { keyId: id, secret } = mintApiKey(tenant, random);
  return { tenant, id, secret, text: `${INVITATION_PREFIX}${tenant}_${id}_${secret}` };
}
