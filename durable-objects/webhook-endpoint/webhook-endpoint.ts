/** What is to be delivered to one endpoint of a tenant, and what became of it. */
import { DurableObject } from "cloudflare:workers";

export class WebhookEndpoint extends DurableObject<Env> {}
