/** What is asked about a call and its parties. Made once per decision; what costs something is found out when it is first asked. */
import { type Address, routingKey } from "../numbers/address.ts";
import { type NumberClass, type NumberType, classOf } from "../numbers/number-class.ts";
import type { RoutingCall } from "./router.ts";

export class PartyFacts {
  readonly address: Address;
  /** Routing key. */
  readonly key: string;
  /** Null for everything but telephone numbers. */
  readonly e164: string | null;
  readonly withheld: boolean;
  #class: NumberClass | null = null;

  constructor(address: Address) {
    this.address = address;
    this.key = routingKey(address);
    this.e164 = address.kind === "e164" ? address.e164 : null;
    this.withheld = address.kind === "anonymous";
  }

  /** What the number is; null for what is no telephone number. */
  numberClass(): NumberClass | null {
    if (this.#class === null && this.e164 !== null) this.#class = classOf(this.e164);
    return this.#class;
  }

  /** ISO 3166-1 alpha-2; null for what is no telephone number, or in no country. */
  country(): string | null {
    return this.numberClass()?.country ?? null;
  }

  /** Null for what is no telephone number. */
  type(): NumberType | null {
    return this.numberClass()?.type ?? null;
  }
}

export type CallFacts = { readonly call: RoutingCall; readonly callee: PartyFacts; readonly caller: PartyFacts };

/** @param to the called address, which may have been rewritten since the call came in. */
export function factsOf(call: RoutingCall, to: Address): CallFacts {
  return { call, callee: new PartyFacts(to), caller: new PartyFacts(call.from) };
}
