/** From a configured destination to what a peer is told to dial. */
import type { Destination, Rate, WeightedDestination } from "../configuration/model.ts";
import type { Address } from "../numbers/address.ts";
import type { DialProfile } from "../numbers/dial-profile.ts";
import { assertNever } from "../shared/result.ts";
import { type NumberBehind, numberOfDigits } from "./number-behind.ts";
import type { PlannedDestination, PlannedRate, Rejection, RerouteCause } from "./plan.ts";
import type { RouterSource } from "./router.ts";

/** Something under construction. */
export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

const NUMBER = "{number}";

/** A destination as this call could use it. */
export type Target =
  | {
      readonly tag: "dial";
      readonly destination: Destination;
      /** As the rule says. */
      readonly weight: number;
      readonly type: PlannedDestination["type"];
      readonly uri: string;
      /** Name of the queue or conversation flow. */
      readonly name: string | null;
      /** The telephone number that would be called; null: a fixed place, a short code, a name. */
      readonly e164: string | null;
      readonly rate: Rate | null;
    }
  | {
      readonly tag: "reject";
      readonly destination: Destination;
      readonly weight: number;
      readonly rate: null;
      readonly reject: Rejection;
    };

export type Unusable = "unknown" | "disabled" | "no_number" | "gateway_unusable";

/**
 * What `{number}` in a destination becomes; null when the address has nothing that could be dialled. A SIP user that is a number is dialled
 * as the number that was judged: gateways read other spellings each in their own way.
 */
function dialledNumber(to: Address, behind: NumberBehind): string | null {
  switch (to.kind) {
    case "e164":
      return to.e164;
    case "short":
      return to.digits;
    case "sip":
      return behind ?? to.user;
    case "urn":
    case "anonymous":
      return null;
    default:
      return assertNever(to);
  }
}

/** The number is put in as it stands, once: `$&` or `{number}` in a user part mean nothing. @param at where it goes; -1: nowhere. */
export function fillIn(uri: string, number: string, at = uri.indexOf(NUMBER)): string {
  return at < 0 ? uri : uri.slice(0, at) + number + uri.slice(at + NUMBER.length);
}

export type TargetSource = Pick<RouterSource, "destination" | "rate">;

function rateOf(source: TargetSource, table: string | null, e164: string | null): Rate | null {
  return table === null || e164 === null ? null : source.rate(table, e164);
}

/** Who is called: the address after rewriting, the telephone number that it stands for, and how numbers are dialled on the trunk. */
export type Called = { readonly to: Address; readonly behind: NumberBehind; readonly profile: DialProfile | undefined };

/** What the destination means for a call to this address, or why it is of no use for it. */
export function targetOf(source: TargetSource, { id, weight }: WeightedDestination, called: Called): Target | Unusable {
  const destination = source.destination(id);
  if (destination === null) return "unknown";
  if (!destination.enabled) return "disabled";
  const { target } = destination;
  switch (target.type) {
    case "reject":
      return { tag: "reject", destination, weight, rate: null, reject: target };
    case "number": {
      const gateway = source.destination(target.via);
      if (gateway === null || !gateway.enabled || gateway.target.type !== "sip") return "gateway_unusable";
      const e164 = target.number.startsWith("+") ? target.number : numberOfDigits(target.number, called.profile);
      const rate = rateOf(source, destination.rateTable ?? gateway.rateTable, e164);
      return dial(destination, weight, "number", fillIn(gateway.target.uri, target.number), null, e164, rate);
    }
    default: {
      const { to, behind } = called;
      const number = dialledNumber(to, behind);
      const at = target.uri.indexOf(NUMBER);
      const takesNumber = at >= 0;
      if (takesNumber && (number === null || behind === "unreadable")) return "no_number";
      const e164 = takesNumber ? behind : null;
      const uri = fillIn(target.uri, number ?? "", at);
      return dial(destination, weight, target.type, uri, nameOf(target), e164, rateOf(source, destination.rateTable, e164));
    }
  }
}

function nameOf(target: Exclude<Destination["target"], { type: "number" | "reject" }>): string | null {
  if (target.type === "sip") return null;
  return target.type === "queue" ? target.queue : target.flow;
}

/** One place makes these objects, so that they all have one shape. */
function dial(
  destination: Destination,
  weight: number,
  type: PlannedDestination["type"],
  uri: string,
  name: string | null,
  e164: string | null,
  rate: Rate | null,
): Target {
  return { tag: "dial", destination, weight, type, uri, name, e164, rate };
}

export function planned(target: Extract<Target, { tag: "dial" }>, rerouteCauses: readonly RerouteCause[]): PlannedDestination {
  const { destination, type, uri, name, e164, rate } = target;
  const { id, ringTimeoutMs } = destination;
  // Assigned one by one: this is done for every destination of every call, and spreading costs several times as much.
  const plan: Writable<PlannedDestination> = {
    id,
    type,
    uri,
    ringTimeoutMs,
    rerouteCauses: destination.rerouteCauses ?? rerouteCauses,
  };
  if (name !== null) plan.target = name;
  if (e164 !== null) plan.chargeable = true;
  if (rate !== null) plan.rate = plannedRate(rate);
  return plan;
}

function plannedRate({ perMinuteMicros, connectMicros, incrementS }: Rate): PlannedRate {
  return { perMinuteMicros, connectMicros, incrementS };
}
