/** Every account leads to the carrier of the simulated world. */
import type { Carrier } from "../../../../domain/call/carrier.ts";

let carrier: Carrier | null = null;

export function dialThrough(to: Carrier): void {
  carrier = to;
}

export const carrierOf = (): Carrier | null => carrier;
