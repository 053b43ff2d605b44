/** The last good copy of what a tenant has in force, for when R2 does not answer. One per tenant and lane. */
import { DurableObject } from "cloudflare:workers";

export class SnapshotKeeper extends DurableObject<Env> {}
