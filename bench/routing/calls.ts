/** Calls as they come to a large carrier: to numbers that its rules are about, from anywhere, with the metadata of its customers. */
import { CHANNELS, PRIORITIES } from "../../domain/call/call.ts";
import type { Address } from "../../domain/numbers/address.ts";
import type { RoutingCall } from "../../domain/routing/router.ts";
import { ACCOUNTS, PUBLISHED_AT_MS, type Size, TRUNKS, configuration } from "./configuration.ts";
import type { Traffic } from "./messages.ts";
import { type Random, createRandom } from "./random.ts";

export type TimedCall = { readonly call: RoutingCall; readonly atMs: number };

const E164_DIGITS = 12;
const FORTNIGHT_MS = 14 * 86_400_000;
const TO_KNOWN_PREFIXES_PERCENT = 85;
const RESOLUTION = 2 ** 30;
/** log(0.01) / log(0.8): the power that puts four fifths of the picks into the first hundredth. */
const SKEW = 20.6;

/** Keys of some of the rules, evenly from all of them. */
function someKeys(size: Size, side: "callee" | "caller", kind: "prefix" | "exact", every: number): string[] {
  const keys: string[] = [];
  let count = 0;
  for (const item of configuration(size)) {
    if (item.kind !== "routing-rules") continue;
    for (const key of item.entity.when[side]?.[kind] ?? []) if (count++ % every === 0) keys.push(key);
  }
  return keys;
}

function completed(random: Random, prefix: string): Address {
  return { kind: "e164", e164: prefix + random.digits(Math.max(0, E164_DIGITS + 1 - prefix.length)) };
}

/** An index below `count`; skewed, four fifths of them are in the first hundredth. */
function pick(random: Random, count: number, traffic: Traffic): number {
  const share = random.below(RESOLUTION) / RESOLUTION;
  return Math.floor(count * (traffic === "skewed" ? share ** SKEW : share));
}

export function prepareCalls(size: Size, count: number, traffic: Traffic): readonly TimedCall[] {
  const random = createRandom(23);
  const prefixes = someKeys(size, "callee", "prefix", Math.max(1, Math.floor(size.prefixRules / 20_000)));
  const numbers = someKeys(size, "callee", "exact", 1);
  const callers = [...someKeys(size, "caller", "prefix", 1), ...someKeys(size, "caller", "exact", 1)];
  const callee = (): Address => {
    if (!random.percent(TO_KNOWN_PREFIXES_PERCENT)) return completed(random, `+${1 + random.below(9)}`);
    return completed(random, random.percent(5) ? random.of(numbers) : prefixes[pick(random, prefixes.length, traffic)]!);
  };
  const caller = (): Address => {
    if (random.percent(5)) return { kind: "anonymous" };
    if (random.percent(3))
      return { kind: "sip", uri: `sip:u${random.digits(4)}@pbx.example`, user: `u${random.digits(4)}`, host: "pbx.example" };
    return completed(random, random.percent(30) ? random.of(callers) : `+${1 + random.below(9)}`);
  };
  return Array.from({ length: count }, (_, turn) => ({
    call: {
      trunk: random.of(TRUNKS),
      channel: random.of(CHANNELS),
      priority: random.of(PRIORITIES),
      from: caller(),
      to: callee(),
      metadata: random.percent(50) ? { account: `acct-${String(random.below(ACCOUNTS)).padStart(5, "0")}`, site: "north" } : {},
      trail: null,
      seed: random.below(2 ** 32),
      turn,
    },
    atMs: PUBLISHED_AT_MS + random.below(FORTNIGHT_MS),
  }));
}
