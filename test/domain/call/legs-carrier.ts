/** A carrier, a network and a session that keeps its legs on disk, in one process and in virtual time, by a seed. */
import type { CarrierError, LegCallback, LegId, LegStatus } from "../../../domain/call/carrier.ts";
import {
  type LegAction,
  type LegFact,
  type Legs,
  type LegsInput,
  advanceLegs,
  beginLegs,
  dueActions,
  legsDueAt,
  markAsked,
  pollLegs,
} from "../../../domain/call/legs.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { createRandom } from "../../../bench/routing/random.ts";
import { RING_MS, type RoutePlan, SESSION, T0, plan } from "./legs-fixture.ts";

/** By then whoever talks is hung up. */
const HANG_UP_AT_MS = 8 * 60_000;
const POLL_MS = 60_000;
const MAX_STEPS = 5_000;
/** The carrier gives up by itself so long after the ring timeout. */
const CARRIER_PATIENCE_MS = 10_000;

const FINENESS = 2 ** 30;

type CarrierLeg = {
  tag: "dialling" | "ringing" | "answered" | "ended";
  answeredMs: number | null;
  endedMs: number;
  sipCode: number | null;
};

export type Played = {
  readonly legs: Legs;
  readonly facts: readonly LegFact[];
  readonly placeRequests: ReadonlyMap<LegId, number>;
  readonly placedAfterGivenUp: readonly LegId[];
  readonly mostConnected: number;
  readonly liveAtCarrier: readonly LegId[];
  readonly longestTalkMs: number;
};

/** @param loss how likely a message is lost. */
export function playCall(seed: number, loss: number, routePlan: RoutePlan = plan()): Played {
  const { below } = createRandom(seed);
  const random = () => below(FINENESS) / FINENESS;
  const chance = (likely: number) => random() < likely;
  const queue: { atMs: number; order: number; run: () => void }[] = [];
  let nowMs = T0;
  let order = 0;
  const after = (delayMs: number, run: () => void) => queue.push({ atMs: nowMs + Math.round(delayMs), order: order++, run });

  let legs = beginLegs(SESSION);
  const facts: LegFact[] = [];
  const placeRequests = new Map<LegId, number>();
  const placedAfterGivenUp: LegId[] = [];
  let mostConnected = 0;
  let alarmMs = Infinity;
  const carrier = new Map<LegId, CarrierLeg>();

  /** A message arrives once, never or twice, each time after a delay of its own. */
  const send = (deliver: () => void) => {
    if (chance(loss)) return;
    after(random() * 400, deliver);
    if (chance(0.1)) after(random() * 1_500, deliver);
  };
  const callBack = (leg: LegId, word: Pick<LegCallback, "type"> & Record<string, unknown>) => {
    const callback = { leg, session: SESSION, id: `${leg}-${word.type}`, atMs: nowMs, ...word } as LegCallback;
    send(() => step({ kind: "callback", callback }));
  };

  const endLeg = (id: LegId, leg: CarrierLeg, sipCode: number | null) => {
    if (leg.tag === "ended") return;
    const talked = leg.tag === "answered";
    Object.assign(leg, { tag: "ended", endedMs: nowMs, sipCode: talked ? null : sipCode });
    callBack(id, {
      type: talked ? "ended" : "failed",
      sipCode: leg.sipCode,
      q850: null,
      ...(talked ? { answeredAtMs: leg.answeredMs } : {}),
    });
  };
  const dial = (id: LegId) => {
    const leg: CarrierLeg = { tag: "dialling", answeredMs: null, endedMs: 0, sipCode: null };
    carrier.set(id, leg);
    const unless = (tag: CarrierLeg["tag"], run: () => void) => () => leg.tag === "ended" || leg.tag === tag || run();
    after(random() * 3_000, () => {
      if (leg.tag !== "dialling" || chance(0.1)) return;
      leg.tag = "ringing";
      callBack(id, { type: "ringing" });
    });
    const fate = random();
    const rings = random() * (RING_MS + 5_000);
    if (fate < 0.5) {
      after(
        rings,
        unless("answered", () => {
          Object.assign(leg, { tag: "answered", answeredMs: nowMs });
          callBack(id, { type: "answered" });
          after(random() * 120_000, () => endLeg(id, leg, null));
        }),
      );
    } else if (fate < 0.8)
      after(
        rings,
        unless("answered", () => endLeg(id, leg, chance(0.5) ? 486 : 603)),
      );
    after(
      RING_MS + CARRIER_PATIENCE_MS,
      unless("answered", () => endLeg(id, leg, 408)),
    );
  };
  const statusOf = (id: LegId): LegStatus => {
    const leg = carrier.get(id);
    if (leg === undefined) return { tag: "unknown" };
    if (leg.tag === "ended")
      return { tag: "ended", endedAtMs: leg.endedMs, answeredAtMs: leg.answeredMs, sipCode: leg.sipCode, q850: null };
    return leg.tag === "answered" ? { tag: "answered", answeredAtMs: leg.answeredMs! } : { tag: leg.tag };
  };
  const serve = (action: LegAction): Result<LegStatus, CarrierError> => {
    if (chance(0.05))
      return err(chance(0.5) ? { tag: "unavailable", reason: "later" } : { tag: "refused", sipCode: 503, reason: "no" });
    const { id } = action.leg;
    if (action.kind === "place" && !carrier.has(id)) dial(id);
    if (action.kind === "end") {
      const leg = carrier.get(id);
      // What was ended before it was placed is never dialled.
      if (leg === undefined) carrier.set(id, { tag: "ended", answeredMs: null, endedMs: nowMs, sipCode: 487 });
      else if (leg.tag !== "answered" || !action.unlessAnswered) endLeg(id, leg, 487);
    }
    return ok(statusOf(id));
  };
  const ask = (action: LegAction) => {
    const { kind, leg } = action;
    if (kind === "place") placeRequests.set(leg.id, (placeRequests.get(leg.id) ?? 0) + 1);
    if (kind === "place" && legs.legs[leg.number]?.givenUpMs !== null) placedAfterGivenUp.push(leg.id);
    const deadlineMs = nowMs + 2_000;
    let isAnswered = false;
    const answer = (result: Result<LegStatus, CarrierError>) => {
      isAnswered = true;
      step({ kind: "answer", leg: leg.number, action: kind, result });
    };
    send(() => {
      const result = serve(action);
      if (!chance(loss)) after(random() * 400, () => (nowMs < deadlineMs ? answer(result) : undefined));
    });
    after(2_000, () => (isAnswered ? undefined : answer(err({ tag: "unavailable", reason: "deadline" }))));
  };

  /** One commit of the session; what it asks may be lost with the process, after it has been noted as asked. */
  function step(input: LegsInput): void {
    const next = advanceLegs(legs, routePlan, input, nowMs, random());
    legs = next.legs;
    facts.push(...next.facts);
    mostConnected = Math.max(mostConnected, legs.legs.filter(({ phase }) => phase === "answered").length);
    const actions = dueActions(legs, nowMs);
    legs = markAsked(legs, actions, nowMs, random());
    const dies = chance(loss / 10);
    if (!dies) for (const action of actions) ask(action);
    arm();
  }
  function arm(): void {
    const dueMs = legsDueAt(legs);
    if (dueMs === null || (alarmMs > nowMs && alarmMs <= dueMs)) return;
    alarmMs = Math.max(dueMs, nowMs + 1);
    after(alarmMs - nowMs, () => step({ kind: "time" }));
  }

  after(0, () => step({ kind: "start" }));
  if (chance(0.3)) {
    const target = { uri: "sip:desk@127.0.0.1", ringTimeoutMs: RING_MS };
    after(random() * 60_000, () => step({ kind: "redirect", target }));
  }
  if (chance(0.4)) after(random() * 60_000, () => callBack(`${SESSION}.0`, { type: "caller_hung_up" }));
  after(HANG_UP_AT_MS, () => step({ kind: "hang_up" }));
  for (let pollMs = POLL_MS; pollMs < HANG_UP_AT_MS; pollMs += POLL_MS) after(pollMs, () => pollLegs(legs).forEach(ask));

  for (let steps = 0; queue.length > 0; steps++) {
    if (steps > MAX_STEPS) throw new Error("does not come to rest");
    queue.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const { atMs, run } = queue.shift()!;
    nowMs = Math.max(nowMs, atMs);
    run();
  }
  const live = [...carrier].filter(([, leg]) => leg.tag !== "ended");
  const talks = legs.legs
    .map(({ id }) => carrier.get(id))
    .map((leg) => (leg?.answeredMs == null ? 0 : leg.endedMs - leg.answeredMs));
  return {
    legs,
    facts,
    placeRequests,
    placedAfterGivenUp,
    mostConnected,
    liveAtCarrier: live.map(([id]) => id),
    longestTalkMs: Math.max(0, ...talks),
  };
}
