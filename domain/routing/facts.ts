/** What conditions ask about a call. Made once per look-up; what costs something is found out when it is first asked. */
import { type Address, routingKey } from "../numbers/address.ts";
import { type NumberType, countryOf, typeOf } from "../numbers/number-class.ts";
import type { RoutingCall } from "./router.ts";

export class PartyFacts {
  /** Routing key. */
  readonly key: string;
  /** Null for everything but telephone numbers. */
  readonly e164: string | null;
  readonly withheld: boolean;
  #country: string | null | undefined = undefined;
  #type: NumberType | null | undefined = undefined;

  constructor(address: Address) {
    this.key = routingKey(address);
    this.e164 = address.kind === "e164" ? address.e164 : null;
    this.withheld = address.kind === "anonymous";
  }

  /** ISO 3166-1 alpha-2; null for what is no telephone number, or in no country. */
  country(): string | null {
    if (this.#country === undefined) this.#country = this.e164 === null ? null : countryOf(this.e164);
    return this.#country;
  }

  /** Null for what is no telephone number. */
  type(): NumberType | null {
    if (this.#type === undefined) this.#type = this.e164 === null ? null : typeOf(this.e164);
    return this.#type;
  }
}

export type CallFacts = { readonly call: RoutingCall; readonly callee: PartyFacts; readonly caller: PartyFacts };

/** @param to the called address, which may have been rewritten since the call came in. */
export function factsOf(call: RoutingCall, to: Address): CallFacts {
  return { call, callee: new PartyFacts(to), caller: new PartyFacts(call.from) };
}
