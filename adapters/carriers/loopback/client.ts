/** The loopback carrier as a `Carrier`: signed HTTP with a deadline, and every failure a value. */
import type { CarrierAccount } from "../../../contracts/environment.ts";
import {
  CARRIER_CAPABILITIES,
  type Carrier,
  type CarrierError,
  type LegId,
  type LegStatus,
} from "../../../domain/call/carrier.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { utf8 } from "../../identity/bytes.ts";
import { signatureHeaders } from "../../identity/standard-webhooks.ts";
import { type Clock, systemClock } from "../../platform/clock.ts";
import { type LegRequest, type PlaceBody, messagePrefix, parseLeg, parseRefusal } from "./wire.ts";

/** For the whole exchange. Shorter than `ANSWER_MS` of domain/call/leg-timing.ts, after which a request is repeated. */
const REQUEST_DEADLINE_MS = 2_000;

/** Statuses that say "later": RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4. */
const LATER: readonly number[] = [408, 425, 429];

const unavailable = (reason: string) => err<CarrierError>({ tag: "unavailable", reason });

type Outgoing = {
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly body?: unknown;
  readonly traceparent?: string;
};

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** @param deadlineMs only tests wait for less. */
export function loopbackCarrier(
  account: Pick<CarrierAccount, "baseUrl" | "secret">,
  clock: Clock = systemClock,
  deadlineMs = REQUEST_DEADLINE_MS,
): Carrier {
  const base = account.baseUrl.replace(/\/+$/, "");

  async function exchange(request: LegRequest, leg: LegId, { path, method, body, traceparent }: Outgoing): Promise<Response> {
    const bytes = utf8(body === undefined ? "" : JSON.stringify(body));
    const id = `${messagePrefix(request, leg)}${crypto.randomUUID()}`;
    const headers = await signatureHeaders(account.secret, id, clock.nowMs(), bytes);
    return fetch(`${base}${path}`, {
      method,
      headers: { ...headers, "Content-Type": "application/json", ...(traceparent === undefined ? {} : { traceparent }) },
      // A carrier that sends us elsewhere would get what is signed for it.
      redirect: "manual",
      signal: AbortSignal.timeout(deadlineMs),
      ...(method === "GET" ? {} : { body: bytes as Uint8Array<ArrayBuffer> }),
    });
  }

  async function ask(request: LegRequest, leg: LegId, outgoing: Outgoing): Promise<Result<LegStatus, CarrierError>> {
    try {
      const response = await exchange(request, leg, outgoing);
      const answer = await readJson(response);
      if (response.ok) {
        const status = parseLeg(answer, leg, clock.nowMs());
        return status === null ? unavailable("the answer is not about this leg") : ok(status);
      }
      if (response.status === 404 && request !== "place") return ok({ tag: "unknown" });
      if (response.status >= 500 || LATER.includes(response.status)) return unavailable(`status ${response.status}`);
      return err({ tag: "refused", ...parseRefusal(answer) });
    } catch {
      return unavailable("no answer in time");
    }
  }

  const about = (leg: LegId, rest = ""): string => `/legs/${encodeURIComponent(leg)}${rest}`;
  return {
    capabilities: CARRIER_CAPABILITIES,
    place: ({ leg, session, tenant, uri, from, isPrivate, ringTimeoutMs, traceparent }) => {
      const body: PlaceBody = { leg, session, tenant, uri, from, private: isPrivate, ringTimeoutMs };
      return ask("place", leg, { path: "/legs", method: "POST", body, traceparent });
    },
    end: (leg, { unlessAnswered }) => {
      const request = unlessAnswered ? "cancel" : "hangUp";
      return ask(request, leg, { path: about(leg, `/${request}`), method: "POST", body: {} });
    },
    status: (leg) => ask("status", leg, { path: about(leg), method: "GET" }),
  };
}
