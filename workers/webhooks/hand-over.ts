/** Hands events to the objects of their endpoints, which the standard lane has; the emergency lane asks it to. */
import { exports } from "cloudflare:workers";
import { LANE_TOKEN_HEADER, laneToken } from "../../adapters/identity/lane-token.ts";
import { BEHIND_ANSWERS, STANDARD_LANE, orThrow } from "../../adapters/platform/ask.ts";
import type { Clock } from "../../adapters/platform/clock.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Guard } from "../../adapters/platform/guard.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Environment } from "../../contracts/environment.ts";
import { chunks } from "../../domain/events/segment.ts";
import { toHex } from "../../domain/shared/hex.ts";
import { type TenantId, timeOfId } from "../../domain/shared/ids.ts";
import type { Handed, HandedEvent } from "../../domain/webhooks/delivery.ts";
import { endpointName } from "../../domain/webhooks/target.ts";
import { resilienceOf } from "../../durable-objects/breakers/isolate.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import type { TakeAnswer, WebhookEndpoint } from "../../durable-objects/webhook-endpoint/webhook-endpoint.ts";
import { createPatience } from "./patience.ts";

/** An object stores what it is handed in milliseconds. */
const TAKE_DEADLINE_MS = 10_000;
/** Events of one call to an object, or of one message to the other lane. */
const MAX_HANDED_EVENTS = 200;

export const HAND_OVER_PATH = "/internal/webhooks";
/** The host is of no account: the request goes through a binding. */
const HAND_OVER_URL = `https://standard.internal${HAND_OVER_PATH}`;

/** Resolves when they are on disk, or nobody wants them any more. @throws when they have to be handed over again. */
export type HandOver = (handed: Handed) => Promise<void>;

/** A token for one message: who has it can hand over nothing else. */
export async function handOverPurpose(body: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>);
  return `webhook events ${toHex(new Uint8Array(digest))}`;
}

/** The object of an endpoint. A stub that has failed stays failed: each call gets its own. */
export function endpointObject(
  objects: Objects,
  { JURISDICTION }: Environment,
  tenant: TenantId,
  endpoint: string,
): DurableObjectStub<WebhookEndpoint> {
  return inJurisdiction(objects, JURISDICTION).getByName(endpointName(tenant, endpoint));
}

type Around = { readonly clock: Clock; readonly log: Log };
type Objects = DurableObjectNamespace<WebhookEndpoint>;

/**
 * Disables an endpoint whose object does not take events. @throws when that cannot be written down now, and when the endpoint has been
 * changed since this follower looked: then it is to be tried as it is now.
 */
async function giveUp({ tenant, target, events }: Handed, nowMs: number): Promise<void> {
  const undeliveredSinceMs = Math.min(...events.map(({ id }) => timeOfId(id)));
  const disabled = { because: "failing", atMs: nowMs, revision: target.revision, undeliveredSinceMs } as const;
  const isDisabled = await exports.WebhookDesk.noteDisabled(tenant, target.id, disabled);
  if (!isDisabled) throw new Error("the webhook endpoint is another one by now");
}

/** By the objects themselves. One that fails for long while the platform does not is disabled, so that it keeps nobody else waiting. */
export function handOverToObjects(objects: Objects, environment: Environment, { clock, log }: Around): HandOver {
  const patience = createPatience(clock.nowMs);
  return async (handed) => {
    const { tenant, target } = handed;
    const name = endpointName(tenant, target.id);
    const object = () => endpointObject(objects, environment, tenant, target.id);
    try {
      for (const events of chunks(handed.events, MAX_HANDED_EVENTS))
        await inTime(object().take({ ...handed, events }) as Promise<TakeAnswer>, TAKE_DEADLINE_MS);
      patience.recovered(name);
    } catch (error) {
      if (!patience.isOver(name)) throw error;
      await giveUp(handed, clock.nowMs());
      log("error", "a webhook endpoint's object does not take events; it is disabled", { tenant, endpoint: target.id });
    }
  };
}

/** Through the standard lane. While it is away nothing is lost: whoever follows comes again. */
export function handOverThroughStandard(standard: Fetcher, guard: Guard, key: string, nowMs: () => number): HandOver {
  async function tell(handed: Handed, events: readonly HandedEvent[]): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify({ ...handed, events }));
    const token = await laneToken(key, await handOverPurpose(body), nowMs());
    const headers = { [LANE_TOKEN_HEADER]: token };
    const told = await guard(STANDARD_LANE, { ...BEHIND_ANSWERS, deadlineMs: TAKE_DEADLINE_MS }, async (signal) => {
      const answer = await standard.fetch(HAND_OVER_URL, { method: "POST", body, headers, signal });
      await answer.body?.cancel();
      return answer.ok;
    });
    if (!orThrow(told)) throw new Error("the standard lane does not take events for webhooks");
  }
  return async (handed) => {
    for (const events of chunks(handed.events, MAX_HANDED_EVENTS)) await tell(handed, events);
  };
}

const NOBODY: HandOver = async () => {
  throw new Error("there is nobody to hand events for webhooks to");
};

/** The way to the objects that this environment has: themselves, or the standard lane that has them. */
export function createHandOver(env: Env, environment: Environment, around: Around): HandOver {
  if (env.WEBHOOK_ENDPOINT !== undefined) return handOverToObjects(env.WEBHOOK_ENDPOINT, environment, around);
  return env.STANDARD === undefined
    ? NOBODY
    : handOverThroughStandard(env.STANDARD, resilienceOf(env).guard, environment.CONFIG_KEY, around.clock.nowMs);
}
