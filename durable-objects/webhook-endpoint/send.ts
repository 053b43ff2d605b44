/** One request to an endpoint, and what came back of it. Nothing here throws for what an endpoint does. */
import { type WebhookKeys, deliveryHeaders } from "../../adapters/identity/webhook-keys.ts";
import { within } from "../../adapters/platform/deadline.ts";
import type { Kept, Received } from "../../domain/webhooks/delivery.ts";
import { parseRetryAfter } from "../../domain/webhooks/schedule.ts";
import { ANSWER_DEADLINE_MS, type SendOutcome } from "../../domain/webhooks/verdict.ts";

/** Of a request's and a response's body each, in UTF-16 units of the request and bytes of the response. */
export const MAX_LOGGED_BYTES = 4_096;
/** Headers of a response that are kept, and how much of each. */
const MAX_LOGGED_HEADERS = 32;
const MAX_LOGGED_HEADER = 256;

export type Fetch = (request: Request) => Promise<Response>;

export type Message = {
  readonly url: string;
  readonly eventId: string;
  readonly type: string;
  /** A CloudEvent in JSON. */
  readonly body: string;
  readonly keys: readonly WebhookKeys[];
};

export type Sent = {
  readonly outcome: SendOutcome;
  readonly durationMs: number;
  /** Of the event. */
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: Kept;
  readonly received: Received | null;
};

export function keptText(text: string): Kept {
  return { text: text.slice(0, MAX_LOGGED_BYTES).toWellFormed(), isCut: text.length > MAX_LOGGED_BYTES };
}

/** The beginning of a body. What cannot be read, or not in time, is left out: the status has said what counts. */
async function beginningOf(response: Response, untilMs: number, nowMs: () => number): Promise<Kept> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  let isCut = false;
  try {
    while (reader !== undefined) {
      const read = await within(reader.read(), Math.max(0, untilMs - nowMs()));
      if (!read.done) isCut = true;
      if (!read.done || read.value.done) break;
      parts.push(read.value.value);
      length += read.value.value.length;
      if (length > MAX_LOGGED_BYTES) {
        isCut = true;
        break;
      }
    }
  } catch {
    isCut = true;
  }
  // Not waited for: a body that hangs may hang in this, too.
  void reader?.cancel().catch(() => {});
  const text = new TextDecoder().decode(
    await new Blob(parts as Uint8Array<ArrayBuffer>[]).slice(0, MAX_LOGGED_BYTES).arrayBuffer(),
  );
  return { text, isCut };
}

function headersOf(response: Response): Record<string, string> {
  const entries = [...response.headers].slice(0, MAX_LOGGED_HEADERS);
  return Object.fromEntries(entries.map(([name, value]) => [name, value.slice(0, MAX_LOGGED_HEADER)]));
}

/** @param fetcher asks an endpoint; redirects are not followed. */
export async function send(message: Message, fetcher: Fetch, nowMs: () => number): Promise<Sent> {
  const { url, eventId, type, body, keys } = message;
  const startedMs = nowMs();
  const signed = await deliveryHeaders(keys, eventId, startedMs, body);
  const headers = {
    "content-type": "application/cloudevents+json; charset=utf-8",
    "user-agent": "Trunkline-Webhooks/1",
    ...signed,
  };
  const controller = new AbortController();
  const request = new Request(url, { method: "POST", headers, body, redirect: "manual", signal: controller.signal });
  const sent = (outcome: SendOutcome, received: Received | null): Sent => ({
    outcome,
    durationMs: Math.max(0, nowMs() - startedMs),
    type,
    headers,
    request: keptText(body),
    received,
  });
  try {
    const answer = await within(fetcher(request), ANSWER_DEADLINE_MS);
    if (!answer.done) {
      controller.abort();
      return sent({ tag: "late" }, null);
    }
    const response = answer.value;
    const { status } = response;
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), nowMs());
    const kept = await beginningOf(response, startedMs + ANSWER_DEADLINE_MS, nowMs);
    return sent({ tag: "answered", status, retryAfterMs }, { status, headers: headersOf(response), body: kept });
  } catch {
    return sent({ tag: "unreachable" }, null);
  }
}
