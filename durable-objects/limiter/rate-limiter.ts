/** The isolate's side of rate limits: spends what it has been lent, and asks the limiter behind the answers. */
import type { Clock } from "../../adapters/platform/clock.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import { LIMIT_NAMES, type LimitName, type LimitPolicies, type LimitPolicy } from "../../domain/limits/policy.ts";
import {
  type Account,
  type Standing,
  answered,
  isLow,
  openAccount,
  question,
  refused,
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
   * @param policy the client's: `policies` has those of whom nothing else is settled for.
   * @param client whose rate it is, within its tenant.
   */
  readonly admit: (name: LimitName, policy: LimitPolicy, tenant: TenantId, client: string) => Admission | Promise<Admission>;
};

export type RateLimiterPorts = {
  readonly limiters: DurableObjectNamespace<Limiter>;
  readonly jurisdiction: string;
  readonly policies: LimitPolicies;
  /** Whether a limiter may be asked on behalf of this client now: a flood over many isolates must not become one of questions. */
  readonly mayAsk: (key: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Keeps the question alive behind the answer. */
  readonly defer: (work: Promise<unknown>) => void;
};

type Whose = { readonly name: LimitName; readonly policy: LimitPolicy; readonly tenant: TenantId; readonly client: string };
type Client = { readonly account: Account; asking: Asking | null };
/** A request that is cancelled may leave a question that is never answered: after its deadline nobody waits for it. */
type Asking = { readonly done: Promise<void>; readonly startedMs: number };

/** Make one per isolate. */
export function createRateLimiter(ports: RateLimiterPorts): RateLimiter {
  const { clock, meter } = ports;
  for (const policy of LIMIT_NAMES) meter.count("trunkline_rate_limit_unchecked_total", { policy }, 0);
  const clients = new Map<string, Client>();

  function clientOf(key: string, policy: LimitPolicy, nowMs: number): Client {
    const known = clients.get(key);
    if (known !== undefined) return known;
    const made: Client = { account: openAccount(policy, nowMs), asking: null };
    clients.set(key, made);
    const oldest = clients.keys().next();
    if (clients.size > MAX_ACCOUNTS && !oldest.done) clients.delete(oldest.value);
    return made;
  }

  async function ask({ account }: Client, { name, policy, tenant, client }: Whose): Promise<void> {
    try {
      if (!(await ports.mayAsk(`${name} ${tenant} ${client}`))) {
        refused(account, clock.nowMs());
        meter.count("trunkline_rate_limit_leases_total", { policy: name, outcome: "flooded" });
        return;
      }
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
  function asking(of: Client, whose: Whose, nowMs: number): Promise<void> {
    if (of.asking !== null && nowMs - of.asking.startedMs < LIMITER_DEADLINE_MS) return of.asking.done;
    const begun: Asking = { done: ask(of, whose), startedMs: nowMs };
    of.asking = begun;
    const over = begun.done.finally(() => {
      if (of.asking === begun) of.asking = null;
    });
    ports.defer(over);
    return begun.done;
  }

  function admission(of: Client, { name, policy }: Whose, admitted: boolean, nowMs: number): Admission {
    const { account } = of;
    if (!admitted) meter.count("trunkline_rate_limited_total", { policy: name });
    else if (account.alone !== null) meter.count("trunkline_rate_limit_unchecked_total", { policy: name });
    return { admitted, standing: standing(account, policy, nowMs, !admitted) };
  }

  async function afterAsking(of: Client, whose: Whose): Promise<Admission> {
    const { policy } = whose;
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      try {
        await inTime(asking(of, whose, clock.nowMs()), LIMITER_DEADLINE_MS);
      } catch {
        unanswered(of.account, policy, clock.nowMs());
      }
      const nowMs = clock.nowMs();
      const verdict = spend(of.account, policy, nowMs);
      if (verdict !== "ask") return admission(of, whose, verdict === "admitted", nowMs);
    }
    return admission(of, whose, false, clock.nowMs());
  }

  return {
    policies: ports.policies,
    admit(name, policy, tenant, client) {
      const nowMs = clock.nowMs();
      const of = clientOf(`${name} ${tenant} ${client}`, policy, nowMs);
      const whose = { name, policy, tenant, client };
      const verdict = spend(of.account, policy, nowMs);
      if (verdict === "ask") return afterAsking(of, whose);
      if (of.asking === null && isLow(of.account, policy, nowMs)) void asking(of, whose, nowMs);
      return admission(of, whose, verdict === "admitted", nowMs);
    },
  };
}
