/** Accesses that were refused, for the audit trail of the tenant that they were meant for. Noted behind the answer, summed up in floods. */
import { meantBy } from "../../adapters/identity/meant.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { AppContext } from "../context.ts";
import { resourceOf } from "../middleware/audited.ts";

export const REFUSED_ACTION = "access.refused";
const NOBODY = "anonymous";

/** Who is known to have asked, or is said to: a tenant that there is. */
async function askerOf(c: AppContext): Promise<{ tenant: TenantId; actor: string; via: string } | null> {
  const principal = c.get("principal") ?? c.get("refused");
  if (principal !== undefined) return { tenant: principal.tenant, actor: principal.subject, via: principal.via };
  // Whether it is true is not known.
  const tenant = meantBy(c.req.raw.headers, new URL(c.req.url))?.tenant ?? null;
  if (tenant === null || (await c.get("deps").entry(tenant)) === null) return null;
  return { tenant, actor: NOBODY, via: "none" };
}

async function noteRefusal(c: AppContext, status: number): Promise<void> {
  const asker = await askerOf(c);
  if (asker === null) return;
  const { tenant, actor, via } = asker;
  const reason = c.get("failure") ?? String(status);
  const { audit } = c.get("deps");
  audit.note({
    act: {
      tenant,
      actor,
      via,
      action: REFUSED_ACTION,
      resource: resourceOf(c.req.path),
      requestId: c.get("requestId"),
      sourceIp: c.req.header("cf-connecting-ip") ?? null,
      detail: { method: c.req.method, reason, ...c.get("auditDetail") },
    },
    result: { outcome: "refused", status },
    alike: reason,
  });
}

/** Notes an answer that refuses somebody whose tenant is known; does nothing about any other. */
export function noteRefused(c: AppContext): void {
  const { status } = c.res;
  if ((status !== 401 && status !== 403) || c.get("handedOn") === true) return;
  const { defer, log } = c.get("deps");
  // What is in force may be out of reach: then it is not known whether there is such a tenant.
  defer(noteRefusal(c, status).catch(() => log("warn", "a refused access could not be noted in the audit trail")));
}
