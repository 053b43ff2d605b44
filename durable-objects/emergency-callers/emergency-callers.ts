/** Who has called for help lately, and by which number they can be called back. One per tenant, on the emergency lane. */
import { DurableObject } from "cloudflare:workers";

export class EmergencyCallers extends DurableObject<Env> {}
