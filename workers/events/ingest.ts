/** The way of events that came in by the API to the shard that stores them. */
import { within } from "../../adapters/platform/deadline.ts";
import type { Environment } from "../../contracts/environment.ts";
import { type IntakeAnswer, type IntakeBatch, packBatch } from "../../domain/events/shard.ts";
import { shardName } from "../../domain/events/shards.ts";
import { stableHash } from "../../domain/routing/stable-hash.ts";
import { INTAKE_EPOCH } from "../../domain/shared/ids.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";

/** A shard that has not answered by then is not going to. What it was asked may be stored nevertheless. */
const STORE_DEADLINE_MS = 3_000;
/** How long a sender should wait when the platform itself is overloaded. */
const OVERLOAD_RETRY_MS = 1_000;

/** `unavailable`: nobody knows whether the events were stored. */
export type IntakeOutcome = IntakeAnswer | { readonly tag: "unavailable" };

/** @param affinity what decides the shard (`ParsedIntake`); null: any will do. Never rejects. */
export type StoreEvents = (batch: IntakeBatch, affinity: string | null) => Promise<IntakeOutcome>;

/** What of an error of the platform says how to go on. */
type PlatformError = { readonly retryable?: boolean; readonly overloaded?: boolean };

/** The name of an intake shard; `INTAKE_SHARDS` of them there are. */
export function intakeShard({ REGION }: Environment, number: number): string {
  return shardName(REGION, { epoch: INTAKE_EPOCH, number });
}

/** @param nextTurn counts, for those that may go anywhere. */
export function createEventStorer(env: Env, environment: Environment, nextTurn: () => number): StoreEvents {
  const shards = inJurisdiction(env.EVENT_LOG, environment.JURISDICTION);
  return async (batch, affinity) => {
    const turn = affinity === null ? nextTurn() : stableHash(affinity);
    const name = intakeShard(environment, turn % environment.INTAKE_SHARDS);
    const packed = packBatch(batch);
    // A stub that has failed stays failed: each try gets its own.
    const attempt = () => within(shards.getByName(name).store(name, packed) as Promise<IntakeAnswer>, STORE_DEADLINE_MS);
    const mayRepeat = batch.events.every(({ fingerprint }) => fingerprint !== null);
    const again = ({ retryable, overloaded }: PlatformError) => mayRepeat && retryable === true && overloaded !== true;
    try {
      const answer = await attempt().catch((error: unknown) =>
        again(error as PlatformError) ? attempt() : Promise.reject(error),
      );
      return answer.done ? answer.value : { tag: "unavailable" };
    } catch (error) {
      const { overloaded } = error as PlatformError;
      return overloaded === true ? { tag: "overloaded", retryAfterMs: OVERLOAD_RETRY_MS } : { tag: "unavailable" };
    }
  };
}
