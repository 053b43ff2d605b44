/** Events as a telephone system reports them: four of a call, plain, about 280 bytes each. */
import { createRandom, type Random } from "../routing/random.ts";

/** What is told of every call, and how long after it came in. */
export const STAGES = [
  { type: "call.initiated", status: "initiated", sipCode: 100, afterMs: 0 },
  { type: "call.ringing", status: "ringing", sipCode: 180, afterMs: 900 },
  { type: "call.answered", status: "active", sipCode: 200, afterMs: 7_000 },
  { type: "call.ended", status: "completed", sipCode: 200, afterMs: 95_000 },
] as const;

const TRUNKS = ["carrier-a", "carrier-b", "pbx-main"] as const;
const CODECS = ["PCMA", "PCMU", "opus"] as const;
const GATEWAYS = ["gw-1.fra", "gw-2.fra", "gw-1.nyc"] as const;
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

const letters = (random: Random, count: number): string =>
  Array.from({ length: count }, () => LETTERS[random.below(LETTERS.length)]).join("");

export const callIdOf = (random: Random): string => `${letters(random, 18)}@10.20.4.${random.below(250)}`;
export const numberOf = (random: Random): string => `+1555${random.digits(7)}`;

export type CallFacts = {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly direction: "inbound" | "outbound";
  readonly trunk: string;
  readonly codec: string;
  readonly gateway: string;
};

export const callFacts = (random: Random, from = numberOf(random)): CallFacts => ({
  callId: callIdOf(random),
  from,
  to: numberOf(random),
  direction: random.percent(60) ? "inbound" : "outbound",
  trunk: random.of(TRUNKS),
  codec: random.of(CODECS),
  gateway: random.of(GATEWAYS),
});

export const dataOf = ({ trunk, codec, gateway }: CallFacts, sipCode: number, leg: number): Record<string, unknown> => ({
  sipCode,
  trunk,
  codec,
  gateway,
  leg,
});

/** The events of one call, in the form of a plain event. @param startMs Unix milliseconds. */
export function plainEvents(random: Random, startMs: number): Record<string, unknown>[] {
  const facts = callFacts(random);
  const { callId, from, to, direction } = facts;
  return STAGES.map(({ type, status, sipCode, afterMs }, leg) => ({
    type,
    callId,
    at: new Date(startMs + afterMs).toISOString(),
    from,
    to,
    direction,
    status,
    data: dataOf(facts, sipCode, leg),
  }));
}

/** Different requests of a load: after the last one the first comes again, which the store takes as new events. */
const DIFFERENT_EVENTS = 6_400;
/** Calls came in this long ago, so that no event is from the future. */
const CALLED_BEFORE_MS = 120_000;

/** @param perRequest 1: an event; more: an array of so many, of a quarter as many calls. */
export function requestBodies(perRequest: number, nowMs: number): string[] {
  const random = createRandom(17);
  const events = Array.from({ length: DIFFERENT_EVENTS / STAGES.length }, () =>
    plainEvents(random, nowMs - CALLED_BEFORE_MS),
  ).flat();
  if (perRequest === 1) return events.map((event) => JSON.stringify(event));
  return Array.from({ length: Math.floor(events.length / perRequest) }, (_, request) =>
    JSON.stringify(events.slice(request * perRequest, (request + 1) * perRequest)),
  );
}
