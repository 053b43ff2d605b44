/** How many requests a client, and a tenant as a whole, may make: at once, and for long. */
import type { Permission } from "../identity/principal.ts";

/** `burst` requests at once out of a full bucket, which fills again by `perS` requests per second. */
export type LimitPolicy = { readonly burst: number; readonly perS: number };

/** What a client may do, by what it asks for. */
export const CLIENT_LIMITS = ["events-read", "events-write", "api-read", "api-write"] as const;
export type ClientLimit = (typeof CLIENT_LIMITS)[number];

/** `tenant`: all clients of a tenant together, whatever they ask for. */
export const LIMIT_NAMES = [...CLIENT_LIMITS, "tenant"] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];
export type LimitPolicies = Readonly<Record<LimitName, LimitPolicy>>;

/** Each counts requests, not events: a request of many events costs one. */
export const DEFAULT_LIMITS: LimitPolicies = {
  "events-read": { burst: 200, perS: 50 },
  "events-write": { burst: 2_000, perS: 500 },
  "api-read": { burst: 400, perS: 100 },
  "api-write": { burst: 200, perS: 50 },
  tenant: { burst: 10_000, perS: 2_500 },
};

/** In how many seconds an empty bucket is full again. */
export function windowS({ burst, perS }: LimitPolicy): number {
  return Math.max(1, Math.ceil(burst / perS));
}

/** A call must go on, whatever else its sender has asked for. */
const NEVER_LIMITED: readonly Permission[] = ["calls:create", "sessions:report", "sessions:command"];

/** By which rate a request goes; null: by none. @param permission null: it takes none. @param isReading whether it changes nothing. */
export function limitOf(permission: Permission | null, isReading: boolean): ClientLimit | null {
  if (permission !== null && NEVER_LIMITED.includes(permission)) return null;
  const isOfEvents = permission?.startsWith("events:") === true;
  if (isReading) return isOfEvents ? "events-read" : "api-read";
  return isOfEvents ? "events-write" : "api-write";
}

/** By how much a tenant may raise its own limits: the machine is everybody's, and the deployment says how large it is. */
export const MAX_OWN_FACTOR = 10;

/** What a tenant has settled for itself stands before what holds for all, up to `MAX_OWN_FACTOR` times that. */
export function policyOf(
  name: LimitName,
  policies: LimitPolicies,
  own: { readonly client?: LimitPolicy; readonly tenant?: LimitPolicy } | undefined,
): LimitPolicy {
  const ofAll = policies[name];
  const settled = name === "tenant" ? own?.tenant : own?.client;
  if (settled === undefined) return ofAll;
  const burst = Math.min(settled.burst, MAX_OWN_FACTOR * ofAll.burst);
  return { burst, perS: Math.min(settled.perS, MAX_OWN_FACTOR * ofAll.perS) };
}
