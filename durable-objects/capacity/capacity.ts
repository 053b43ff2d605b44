/** Who holds a line now: calls at once and per second, by leases that expire. One per tenant. */
import { DurableObject } from "cloudflare:workers";

export class Capacity extends DurableObject<Env> {}
