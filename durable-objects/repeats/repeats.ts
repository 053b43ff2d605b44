/** What may be done once only: requests with an idempotency key, and nonces of signed requests. */
import { DurableObject } from "cloudflare:workers";

export class Repeats extends DurableObject<Env> {}
