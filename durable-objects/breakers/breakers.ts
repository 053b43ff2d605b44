/** What the isolates of a place have learnt of the parties outside that they ask. Holds nothing that a restart may not lose. */
import { DurableObject } from "cloudflare:workers";

export class Breakers extends DurableObject<Env> {}
