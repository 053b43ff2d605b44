/** The isolate's side of rate limits: spends what it has been lent, and asks the limiter behind the answers. */
import type { Clock } from "../../adapters/platform/clock.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import { LIMIT_NAMES, type LimitName, type LimitPolicies } from "../../domain/limits/policy.ts";
import {
  type Account,
  type Standing,
  answered,
  isLow,
  openAccount,
  question,
  spend,
  standing,
  unanswered,
} from "../../domain/limits/slice.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { inJurisdiction } from "../namespaces.ts";
import type { Limiter } from "./limiter.ts";
import { limiterName } from "./names.ts";

/** A request waits at most this long for its limiter, and goes on without it; most wait not at all. */
export const LIMITER_DEADLINE_MS = 250;
/** Clients that an isolate remembers, at some 300 bytes each. Who was first goes first, and begins anew when it comes again. */
const MAX_ACCOUNTS = 5_000;
/** A request that finds nothing left after an answer asks again; others may have been quicker so many times. */
const MAX_TURNS = 3;

export type Admission = { readonly admitted: boolean; readonly standing: Standing };

export type RateLimiter = {
  readonly policies: LimitPolicies;
  /**
   * Whether this request may go on; it costs one. Never rejects, and lets everything through that the isolate's own count allows when
   * the limiter is away.
   * @param client whose rate it is, within its tenant.
   */
  readonly admit: (name: LimitName, tenant: TenantId, client: string) => Admission | Promise<Admission>;
};

export type RateLimiterPorts = {
  readonly limiters: DurableObjectNamespace<Limiter>;
  readonly jurisdiction: string;
  readonly policies: LimitPolicies;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Keeps the question alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
};

type Client = { readonly account: Account; asking: Asking | null };
/** A request that is cancelled may leave a question that is never answered: after its deadline nobody waits for it. */
type Asking = { readonly done: Promise<void>; readonly startedMs: number };

/** Make one per isolate. */
export function createRateLimiter(ports: RateLimiterPorts): RateLimiter {
  const { policies, clock, meter } = ports;
  for (const policy of LIMIT_NAMES) meter.count("trunkline_rate_limit_unchecked_total", { policy }, 0);
  const clients = new Map<string, Client>();

  function clientOf(key: string, name: LimitName, nowMs: number): Client {
    const known = clients.get(key);
    if (known !== undefined) return known;
    const made: Client = { account: openAccount(policies[name], nowMs), asking: null };
    clients.set(key, made);
    const oldest = clients.keys().next();
    if (clients.size > MAX_ACCOUNTS && !oldest.done) clients.delete(oldest.value);
    return made;
  }

  async function ask({ account }: Client, name: LimitName, tenant: TenantId, client: string): Promise<void> {
    const policy = policies[name];
    try {
      const { owed, wanted } = question(account, policy, clock.nowMs());
      const limiter = inJurisdiction(ports.limiters, ports.jurisdiction).getByName(limiterName(tenant, client));
      const lease = await inTime(limiter.lease(name, client, policy, owed, wanted), LIMITER_DEADLINE_MS);
      answered(account, policy, lease, wanted, clock.nowMs());
      meter.count("trunkline_rate_limit_leases_total", { policy: name, outcome: lease.granted > 0 ? "granted" : "refused" });
    } catch {
      unanswered(account, policy, clock.nowMs());
      meter.count("trunkline_rate_limit_leases_total", { policy: name, outcome: "unanswered" });
    }
  }

  /** One question at a time; @returns the one under way. */
  function asking(of: Client, name: LimitName, tenant: TenantId, client: string, nowMs: number): Promise<void> {
    if (of.asking !== null && nowMs - of.asking.startedMs < LIMITER_DEADLINE_MS) return of.asking.done;
    const begun: Asking = { done: ask(of, name, tenant, client), startedMs: nowMs };
    of.asking = begun;
    const over = begun.done.finally(() => {
      if (of.asking === begun) of.asking = null;
    });
    ports.defer(over);
    return begun.done;
  }

  function admission(of: Client, name: LimitName, admitted: boolean, nowMs: number): Admission {
    const { account } = of;
    if (!admitted) meter.count("trunkline_rate_limited_total", { policy: name });
    else if (account.alone !== null) meter.count("trunkline_rate_limit_unchecked_total", { policy: name });
    return { admitted, standing: standing(account, policies[name], nowMs, !admitted) };
  }

  async function afterAsking(of: Client, name: LimitName, tenant: TenantId, client: string): Promise<Admission> {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      try {
        await inTime(asking(of, name, tenant, client, clock.nowMs()), LIMITER_DEADLINE_MS);
      } catch {
        unanswered(of.account, policies[name], clock.nowMs());
      }
      const nowMs = clock.nowMs();
      const verdict = spend(of.account, policies[name], nowMs);
      if (verdict !== "ask") return admission(of, name, verdict === "admitted", nowMs);
    }
    return admission(of, name, false, clock.nowMs());
  }

  return {
    policies,
    admit(name, tenant, client) {
      const nowMs = clock.nowMs();
      const of = clientOf(`${name} ${tenant} ${client}`, name, nowMs);
      const verdict = spend(of.account, policies[name], nowMs);
      if (verdict === "ask") return afterAsking(of, name, tenant, client);
      if (of.asking === null && isLow(of.account, policies[name], nowMs)) void asking(of, name, tenant, client, nowMs);
      return admission(of, name, verdict === "admitted", nowMs);
    },
  };
}
