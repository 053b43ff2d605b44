/** The audit trail of one tenant on one lane: entries in the order in which they were taken, each bound to the one before by its hash. */
import { DurableObject } from "cloudflare:workers";

export class AuditTrail extends DurableObject<Env> {}
