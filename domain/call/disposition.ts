import type { Disposition } from "./state.ts";

/**
 * The disposition of a call that a final SIP response ended (RFC 3261 §21; 6xx are global failures).
 * A code that says nothing certain, or none at all, counts as unreachable: the network failed, not the person.
 */
export function dispositionOfFailure(sipCode: number | null): Disposition {
  switch (sipCode) {
    case 486:
    case 600:
      return "busy";
    case 408:
    case 480:
      return "no_answer";
    case 487:
      return "cancelled";
    case 403:
    case 433:
    case 603:
    case 607:
    case 608:
      return "declined";
    case 404:
    case 410:
    case 484:
    case 604:
      return "not_found";
    default:
      return "unreachable";
  }
}
