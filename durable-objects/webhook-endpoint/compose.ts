/** What is sent of an event: its JSON, masked unless the endpoint may have personal data, with what signs it. */
import type { DataKeys } from "../../adapters/identity/data-keys.ts";
import { openAllKeys } from "../../adapters/identity/webhook-keys.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import { parseStored } from "../../domain/events/stored.ts";
import { maskJson } from "../../domain/privacy/mask.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { HandedEvent } from "../../domain/webhooks/delivery.ts";
import { type WebhookTarget, signingSecrets } from "../../domain/webhooks/target.ts";
import { URL_PROBLEMS, webhookUrlProblem } from "../../domain/webhooks/url.ts";
import { type Message, type Sent, keptText } from "./send.ts";

type How = {
  readonly tenant: TenantId;
  /** Opens its secrets. */
  readonly dataKeys: Pick<DataKeys, "open">;
  /** Whether this machine may be asked, as in development. */
  readonly loopback: boolean;
  readonly nowMs: number;
  /** When the event was taken, to be delivered or read from the store. */
  readonly takenMs: number;
  /** An event that has waited, as it may be sent now. */
  readonly current: (event: HandedEvent) => Promise<string>;
};

/** What has waited no longer is sent as it was taken. */
const FRESH_MS = 60_000;
const CURRENT_DEADLINE_MS = 10_000;

/** Null when it cannot be told. */
async function lineToSend(event: HandedEvent, { takenMs, nowMs, current }: How): Promise<string | null> {
  return nowMs - takenMs <= FRESH_MS ? event.line : inTime(current(event), CURRENT_DEADLINE_MS).catch(() => null);
}

/** Something that was not sent, in the place of what came back. */
export const refused = (detail: string, type: string, body: string): Sent => ({
  outcome: { tag: "refused", detail },
  durationMs: 0,
  type,
  request: keptText(body),
  headers: {},
  received: null,
});

/** @returns what stands in the place of an answer when it cannot be sent. */
export async function composed(target: WebhookTarget, event: HandedEvent, how: How): Promise<Result<Message, Sent>> {
  const { id, url, personalData } = target;
  const line = await lineToSend(event, how);
  const stored = parseStored(line ?? event.line);
  if (line === null)
    return err(refused("was not asked: the event store does not say whether the event has been erased", stored.type, ""));
  const body = personalData ? line : JSON.stringify(maskJson(stored));
  // Again, although it was looked at when it was set: what is allowed may have become less.
  const problem = webhookUrlProblem(url, how.loopback);
  if (problem !== null) return err(refused(`was not asked: the URL ${URL_PROBLEMS[problem]}`, stored.type, body));
  const sealed = signingSecrets(target, how.nowMs);
  const keys = await openAllKeys(sealed, how.dataKeys, how.tenant, id);
  if (keys.length < sealed.length || keys.length === 0)
    return err(refused("was not asked: its secret cannot be opened; make a new one", stored.type, body));
  return ok({ url, eventId: event.id, type: stored.type, body, keys });
}
