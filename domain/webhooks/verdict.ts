/** What an endpoint's answer, or its silence, means. */

/** Headers and the beginning of the body have to be there by then: 15 s. */
export const ANSWER_DEADLINE_MS = 15_000;

export type SendOutcome =
  | { readonly tag: "answered"; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly tag: "late" }
  | { readonly tag: "unreachable" }
  /** It was not sent. */
  | { readonly tag: "refused"; readonly detail: string };

export type Verdict =
  | { readonly tag: "delivered" }
  | { readonly tag: "gone" }
  | { readonly tag: "failed"; readonly retryAfterMs: number | null; readonly detail: string };

const failed = (detail: string, retryAfterMs: number | null = null): Verdict => ({ tag: "failed", retryAfterMs, detail });

/** Answers that say when to come back (RFC 9110 §10.2.3, RFC 6585 §4). */
const MAY_SAY_WHEN = [429, 503];

export function verdictOf(outcome: SendOutcome): Verdict {
  switch (outcome.tag) {
    case "late":
      return failed(`did not answer within ${ANSWER_DEADLINE_MS / 1_000} s`);
    case "unreachable":
      return failed("could not be reached");
    case "refused":
      return failed(outcome.detail);
    case "answered": {
      const { status, retryAfterMs } = outcome;
      if (status >= 200 && status < 300) return { tag: "delivered" };
      if (status === 410) return { tag: "gone" };
      if (status >= 300 && status < 400) return failed(`answered ${status}: redirects are not followed`);
      return failed(`answered ${status}`, MAY_SAY_WHEN.includes(status) ? retryAfterMs : null);
    }
  }
}
