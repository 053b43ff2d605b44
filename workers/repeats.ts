/** What may be done once only, over all isolates: requests with an idempotency key, and nonces of signed requests. */
import { inTime } from "../adapters/platform/deadline.ts";
import type { Environment } from "../contracts/environment.ts";
import type { Begun, KeptAnswer, RepeatKey } from "../domain/shared/repeats.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";
import { repeatsName } from "../durable-objects/repeats/names.ts";

/** Whoever has not been answered by then does not act: without the object nothing is done twice, and nothing once. */
const REPEATS_DEADLINE_MS = 3_000;

/** Each rejects when its object cannot be reached in time. */
export type Repeats = {
  /** @param lease names whoever asks, who alone may finish or forget it. */
  readonly begin: (tenant: TenantId, key: RepeatKey, lease: string) => Promise<Begun>;
  readonly finish: (tenant: TenantId, key: string, lease: string, answer: KeptAnswer) => Promise<void>;
  readonly forget: (tenant: TenantId, key: string, lease: string) => Promise<void>;
  /** Whether nobody has used this nonce before. @param untilMs from then on it is refused for its age. */
  readonly claim: (tenant: TenantId, nonce: string, untilMs: number) => Promise<boolean>;
};

export function createRepeats({ REPEATS }: Env, { JURISDICTION }: Environment): Repeats {
  const of = (tenant: TenantId, key: string) => inJurisdiction(REPEATS, JURISDICTION).getByName(repeatsName(tenant, key));
  return {
    begin: (tenant, key, lease) => inTime(of(tenant, key.key).begin(key, lease) as Promise<Begun>, REPEATS_DEADLINE_MS),
    finish: (tenant, key, lease, answer) => inTime(of(tenant, key).finish(key, lease, answer), REPEATS_DEADLINE_MS),
    forget: (tenant, key, lease) => inTime(of(tenant, key).forget(key, lease), REPEATS_DEADLINE_MS),
    claim: (tenant, nonce, untilMs) => inTime(of(tenant, nonce).claim(nonce, untilMs), REPEATS_DEADLINE_MS),
  };
}
