/** The loopback carrier as a `Carrier`: signed HTTP with a deadline, and every failure a value. */
import type { CarrierAccount } from "../../../contracts/environment.ts";
import {
  CARRIER_CAPABILITIES,
  type Carrier,
  type CarrierError,
  type LegId,
  type LegStatus,
} from "../../../domain/call/carrier.ts";
import { LATER_STATUSES } from "../../../domain/resilience/retry.ts";
import type { Target } from "../../../domain/resilience/targets.ts";
import { type Result, assertNever, err, ok } from "../../../domain/shared/result.ts";
import { utf8 } from "../../identity/bytes.ts";
import { signatureHeaders } from "../../identity/standard-webhooks.ts";
import { BadStatus } from "../../platform/ask.ts";
import { type Clock, systemClock } from "../../platform/clock.ts";
import type { GuardFailure } from "../../platform/guard.ts";
import { type CarrierWay, DEADLINE_ALONE } from "../way.ts";
import { type LegRequest, type PlaceBody, messagePrefix, parseLeg, parseRefusal } from "./wire.ts";

/** For the whole exchange. Shorter than `ANSWER_MS` of domain/call/leg-timing.ts, after which a request is repeated. */
const REQUEST_DEADLINE_MS = 2_000;

const unavailable = (reason: string) => err<CarrierError>({ tag: "unavailable", reason });

type Outgoing = {
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly body?: unknown;
  readonly traceparent?: string;
};

/** The carrier cannot do it now. Also with a status of 5xx that is not worth a second try: it is not the call that is refused. */
const isUnavailable = (status: number): boolean => status >= 500 || LATER_STATUSES.includes(status);

function reasonOf(failure: GuardFailure): string {
  switch (failure.tag) {
    case "open":
      return "known to be away";
    case "full":
      return "too many are asking";
    case "timeout":
      return "no answer in time";
    case "failed":
      return failure.cause instanceof BadStatus ? failure.cause.message : "no answer in time";
    default:
      return assertNever(failure);
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** What is under way to one account from one isolate. */
const MAX_AT_ONCE = 200;

type Heard = { readonly status: number; readonly ok: boolean; readonly answer: unknown };

/** @param deadlineMs only tests wait for less. */
export function loopbackCarrier(
  account: Pick<CarrierAccount, "baseUrl" | "secret"> & { readonly id?: string },
  clock: Clock = systemClock,
  deadlineMs = REQUEST_DEADLINE_MS,
  { guard, insists }: CarrierWay = DEADLINE_ALONE,
): Carrier {
  const base = account.baseUrl.replace(/\/+$/, "");
  const target: Target = { kind: "carrier", name: account.id ?? base };

  async function exchange(
    request: LegRequest,
    leg: LegId,
    { path, method, body, traceparent }: Outgoing,
    signal: AbortSignal,
  ): Promise<Heard> {
    const bytes = utf8(body === undefined ? "" : JSON.stringify(body));
    const id = `${messagePrefix(request, leg)}${crypto.randomUUID()}`;
    const headers = await signatureHeaders(account.secret, id, clock.nowMs(), bytes);
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...headers, "Content-Type": "application/json", ...(traceparent === undefined ? {} : { traceparent }) },
      // A carrier that sends us elsewhere would get what is signed for it.
      redirect: "manual",
      signal,
      ...(method === "GET" ? {} : { body: bytes as Uint8Array<ArrayBuffer> }),
    });
    const answer = await readJson(response);
    if (isUnavailable(response.status)) throw new BadStatus(response.status);
    return { status: response.status, ok: response.ok, answer };
  }

  /** Whoever is to be ended is asked to end whatever is known of the carrier: there is no other way to be rid of a leg. */
  const mustBeAsked = (request: LegRequest): boolean => insists || request === "cancel" || request === "hangUp";

  async function ask(request: LegRequest, leg: LegId, outgoing: Outgoing): Promise<Result<LegStatus, CarrierError>> {
    const limits = { deadlineMs, maxAtOnce: MAX_AT_ONCE, insists: mustBeAsked(request) };
    const asked = await guard(target, limits, (signal) => exchange(request, leg, outgoing, signal));
    if (!asked.ok) return unavailable(reasonOf(asked.error));
    const { status: code, ok: isGood, answer } = asked.value;
    if (isGood) {
      const status = parseLeg(answer, leg, clock.nowMs());
      return status === null ? unavailable("the answer is not about this leg") : ok(status);
    }
    return code === 404 && request !== "place" ? ok({ tag: "unknown" }) : err({ tag: "refused", ...parseRefusal(answer) });
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
