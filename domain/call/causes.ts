/** What a SIP status code or a Q.850 cause says about a call. The table behind it: cause-table.ts, for readers docs/causes.md. */
import { Q850_CAUSES, SIP_RESPONSES, type Q850Cause, type SipResponse } from "./cause-table.ts";
import type { Disposition } from "./state.ts";

const bySipCode: ReadonlyMap<number, SipResponse> = new Map(SIP_RESPONSES.map((row) => [row.code, row]));
const byQ850: ReadonlyMap<number, Q850Cause> = new Map(Q850_CAUSES.map((row) => [row.cause, row]));

/** RFC 3398 §7.2.4.1 and §8.2.6.1 for what they do not list. */
const DEFAULT_SIP_CODE = 500;
const DEFAULT_CAUSE = 127;

/** How a call failed, as the network told it; null: it did not say. */
export type Cause = { readonly sipCode: number | null; readonly q850: number | null };

/** The code that says more: the SIP code, unless it is vague or unknown and the cause is not. Undefined: neither is known. */
function moreTelling({ sipCode, q850 }: Cause): SipResponse | Q850Cause | undefined {
  const response = sipCode === null ? undefined : bySipCode.get(sipCode);
  const cause = q850 === null ? undefined : byQ850.get(q850);
  if (response !== undefined && (response.vague !== true || cause === undefined || cause.vague === true)) return response;
  // A code that nobody knows is a code all the same: a vague cause does not speak for it.
  return sipCode !== null && cause?.vague === true ? undefined : cause;
}

/**
 * The disposition of a call that failed. What says nothing certain, or nothing at all, counts as unreachable: the network failed, not the
 * person.
 */
export function dispositionOf(cause: Cause): Disposition {
  return moreTelling(cause)?.disposition ?? "unreachable";
}

/** Whether the network failed, so that another destination may do better. True where nothing is known: there was no answer to speak of. */
export function networkFailed(cause: Cause): boolean {
  const said = moreTelling(cause);
  return said === undefined ? cause.sipCode === null : said.network === true;
}

/** The SIP status code for a Q.850 cause (RFC 3398 §7.2.4.1); null for 16, which clears a call by a request. */
export function sipCodeOf(q850: number): number | null {
  const cause = byQ850.get(q850);
  return cause === undefined ? DEFAULT_SIP_CODE : cause.sip;
}

/** The Q.850 cause for a final SIP status code (RFC 3398 §8.2.6.1); null for 487, which a cause does not say. */
export function q850Of(sipCode: number): number | null {
  const response = bySipCode.get(sipCode);
  return response === undefined ? DEFAULT_CAUSE : response.q850;
}
