import { describe, expect, it } from "vitest";
import type { Carrier, CarrierError, LegCallback, LegStatus } from "../../domain/call/carrier.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { CallbackAnswer } from "../../durable-objects/call-session/messages.ts";
import { MovableClock, until } from "./fixture/clock.ts";
import { ROUTED, SessionUnderTest, TRACEPARENT, typesOf } from "./fixture/session.ts";

const ACCOUNT = "loopback";
const RING_MS = 20_000;
const destination = (id: string) => ({
  id,
  type: "sip" as const,
  uri: `sip:${id}@carrier.example`,
  ringTimeoutMs: RING_MS,
  rerouteCauses: ["unreachable", 408, 503] as const,
});
const PLACED: Plan = {
  ...(ROUTED as Extract<Plan, { action: "route" }>),
  executor: "self",
  carrier: ACCOUNT,
  destinations: [destination("first"), destination("second")],
};

type Asked = { readonly what: "place" | "end" | "status"; readonly leg: string };

/** A carrier whose every answer the test gives; by default it takes what it is asked. */
class CarrierDouble implements Carrier {
  readonly capabilities = ["hang_up", "redirect", "status"] as const;
  readonly asked: Asked[] = [];
  answers: Partial<Record<Asked["what"], Result<LegStatus, CarrierError>>> = {};

  #answer(what: Asked["what"], leg: string, usually: LegStatus): Promise<Result<LegStatus, CarrierError>> {
    this.asked.push({ what, leg });
    return Promise.resolve(this.answers[what] ?? ok(usually));
  }
  place = ({ leg }: { readonly leg: string }) => this.#answer("place", leg, { tag: "dialling" });
  end = (leg: string) =>
    this.#answer("end", leg, { tag: "ended", endedAtMs: Date.now(), answeredAtMs: null, sipCode: 487, q850: null });
  status = (leg: string) => this.#answer("status", leg, { tag: "ringing" });
  times(what: Asked["what"], leg?: string): number {
    return this.asked.filter((each) => each.what === what && (leg === undefined || each.leg === leg)).length;
  }
}

class PlacedCall {
  readonly session = new SessionUnderTest();
  readonly clock = new MovableClock();
  readonly carrier = new CarrierDouble();

  /** @param legs that are dialled at once. */
  static async begin(plan = PLACED, legs = 1): Promise<PlacedCall> {
    const call = new PlacedCall();
    await call.prepare();
    await call.session.open({}, null, plan);
    await until(async () => call.carrier.times("place") === legs, "the first leg");
    return call;
  }

  /** Also after the object has started anew. */
  async prepare(): Promise<void> {
    await this.session.setClock(this.clock.nowMs);
    await this.session.inside(
      (instance) => void (instance.carriers = (account) => (account === ACCOUNT ? this.carrier : null)),
    );
  }

  legId(number: number): string {
    return `${this.session.id}.${number}`;
  }

  async tell(word: Partial<LegCallback> & Pick<LegCallback, "type">, leg = 0): Promise<CallbackAnswer> {
    const callback = {
      leg: this.legId(leg),
      session: this.session.id,
      id: crypto.randomUUID(),
      atMs: this.clock.nowMs(),
      ...word,
    };
    const request = { account: ACCOUNT, callback: callback as LegCallback, traceparent: TRACEPARENT };
    return (await this.session.stub.legCallback(request)) as CallbackAnswer;
  }

  async phase(): Promise<string> {
    return (await this.session.view()).state.phase;
  }
}

const failedWith = (sipCode: number) => ({ type: "failed", sipCode, q850: null }) as const;

describe("a call that Trunkline places itself", () => {
  it("[LEG-2] goes from queued over the carrier's words to its end, and records each", async () => {
    const call = await PlacedCall.begin();
    await until(async () => (await call.phase()) === "initiating", "the carrier's word that it dials");
    await call.tell({ type: "ringing" });
    await call.tell({ type: "answered" });
    expect(await call.phase()).toBe("active");
    await call.tell({ type: "ended", sipCode: null, q850: 16 });
    expect((await call.session.view()).state).toMatchObject({ phase: "completed", disposition: "answered" });
    expect(typesOf(await call.session.ownEvents()).slice(2)).toEqual([
      "session.opened",
      "leg.placed",
      "call.ringing",
      "call.answered",
      "call.ended",
      "session.completed",
    ]);
  });

  it("[LEG-4] rings out by its alarm, is cancelled, and the next destination is dialled", async () => {
    const call = await PlacedCall.begin();
    await until(async () => (await call.phase()) === "initiating", "the leg");
    await call.tell({ type: "ringing" });
    expect(await call.session.alarmAt()).toBeLessThanOrEqual(call.clock.nowMs() + RING_MS);
    call.clock.move(RING_MS + 1);
    expect(await call.session.fireAlarm()).toBe(true);
    await until(async () => call.carrier.times("place", call.legId(1)) === 1, "the second leg");
    expect(call.carrier.times("end", call.legId(0))).toBe(1);
    expect((await call.session.view()).state.failovers).toMatchObject([{ routeIndex: 0, sipCode: 408 }]);
  });

  it("[EMG-9] [LEG-9] dials destinations together, and gives the call to the first that answers, also after it was killed", async () => {
    const [first, second] = [destination("first"), { ...destination("second"), together: true as const }];
    const call = await PlacedCall.begin({ ...PLACED, destinations: [first, second, destination("third")] } as Plan, 2);
    await until(
      async () => typesOf(await call.session.ownEvents()).filter((type) => type === "leg.placed").length === 2,
      "both",
    );
    await call.session.kill();
    await call.prepare();
    await call.tell({ type: "answered" }, 1);
    await until(async () => call.carrier.times("end", call.legId(0)) === 1, "the other one is taken back");
    await call.tell({ type: "answered" }, 0);
    expect(call.carrier.times("end", call.legId(1))).toBe(0);
    expect(call.carrier.times("place")).toBe(2);
    await call.tell({ type: "ended", sipCode: null, q850: 16 }, 1);
    expect((await call.session.view()).state).toMatchObject({ phase: "completed", disposition: "answered", failovers: [] });
  });

  it("[LEG-4] fails over after a cause that reroutes, and ends after one that does not", async () => {
    const call = await PlacedCall.begin();
    await call.tell(failedWith(503));
    await until(async () => call.carrier.times("place", call.legId(1)) === 1, "the second leg");
    await call.tell(failedWith(603), 1);
    expect((await call.session.view()).state).toMatchObject({ phase: "failed", disposition: "declined", endCode: 603 });
    expect(call.carrier.times("place")).toBe(2);
  });

  it("[LEG-3] dials the same leg again under the same id when it was killed before the carrier's answer was stored", async () => {
    const call = new PlacedCall();
    call.carrier.place = ({ leg }) => {
      call.carrier.asked.push({ what: "place", leg });
      return new Promise(() => {});
    };
    await call.prepare();
    await call.session.open({}, null, PLACED);
    await until(async () => call.carrier.times("place") === 1, "the first request");
    await call.session.kill();
    await call.prepare();
    call.clock.move(10_000);
    expect(await call.session.fireAlarm()).toBe(true);
    await until(async () => call.carrier.times("place") === 2, "the second request");
    expect(new Set(call.carrier.asked.map(({ leg }) => leg))).toEqual(new Set([call.legId(0)]));
  });

  it("[LEG-6] the caller's hang-up cancels what rings, and the session ends as cancelled", async () => {
    const call = await PlacedCall.begin();
    await call.tell({ type: "ringing" });
    await call.tell({ type: "caller_hung_up" });
    await until(async () => (await call.phase()) === "failed", "the end");
    expect((await call.session.view()).state.disposition).toBe("cancelled");
    expect(call.carrier.times("end", call.legId(0))).toBe(1);
  });

  it("[CMD-5] hanging up passes through ending, and the end is the carrier's", async () => {
    const call = await PlacedCall.begin();
    await call.tell({ type: "answered" });
    call.carrier.answers.end = err({ tag: "unavailable", reason: "busy" });
    expect(await call.session.command({ kind: "hangUp", reason: "the agent is done" })).toMatchObject({ tag: "taken" });
    expect(await call.phase()).toBe("ending");
    expect(await call.session.command({ kind: "hangUp", reason: null })).toEqual({ tag: "illegal_state", state: "ending" });
    call.carrier.answers.end = ok({
      tag: "ended",
      endedAtMs: call.clock.nowMs(),
      answeredAtMs: call.clock.nowMs(),
      sipCode: null,
      q850: 16,
    });
    call.clock.move(5_000);
    expect(await call.session.fireAlarm()).toBe(true);
    await until(async () => (await call.phase()) === "completed", "the end");
  });

  it("[LEG-6] ends all the same when the carrier never confirms", async () => {
    const call = await PlacedCall.begin();
    await call.tell({ type: "answered" });
    call.carrier.answers.end = err({ tag: "unavailable", reason: "away" });
    await call.session.command({ kind: "hangUp", reason: null });
    for (let look = 0; look < 20 && (await call.phase()) === "ending"; look++) {
      call.clock.move(10_000);
      await call.session.fireAlarm();
    }
    expect(await call.phase()).toBe("completed");
  });

  it("[TMR-3] is hung up at its longest duration, not a minute after it", async () => {
    const call = new PlacedCall();
    await call.prepare();
    await call.session.open({}, null, { ...PLACED, maxDurationMs: 60_000 } as Plan);
    await until(async () => call.carrier.times("place") === 1, "the leg");
    await call.tell({ type: "answered" });
    call.clock.move(60_001);
    expect(await call.session.fireAlarm()).toBe(true);
    expect((await call.session.view()).state).toMatchObject({ phase: "completed" });
    await until(async () => call.carrier.times("end") === 1, "the hang-up");
    const end = (await call.session.ownEvents()).find(({ type }) => type === "dev.trunkline.session.completed.v1");
    expect(end!.data).toMatchObject({ because: "max_duration" });
  });

  it("[LEG-8] asks the carrier when it looks at itself, and makes up for a lost callback", async () => {
    const call = await PlacedCall.begin();
    await call.tell({ type: "answered" });
    const over: LegStatus = { tag: "ended", endedAtMs: Date.now(), answeredAtMs: Date.now(), sipCode: null, q850: 16 };
    call.carrier.answers.status = ok(over);
    call.clock.move(15 * 60_000 + 1);
    expect(await call.session.fireAlarm()).toBe(true);
    await until(async () => (await call.phase()) === "completed", "the end that nobody told");
  });

  it("[LEG-8] does not take silence for the end while the carrier says that they talk", async () => {
    const call = new PlacedCall();
    await call.prepare();
    await call.session.open({}, null, { ...PLACED, silence: { activeMs: 60_000 } } as Plan);
    await until(async () => call.carrier.times("place") === 1, "the leg");
    await call.tell({ type: "answered" });
    call.carrier.answers.status = ok({ tag: "answered", answeredAtMs: Date.now() });
    for (let minute = 0; minute < 3; minute++) {
      call.clock.move(60_001);
      expect(await call.session.fireAlarm()).toBe(true);
      expect(await call.phase()).toBe("active");
    }
    call.carrier.answers.status = err({ tag: "unavailable", reason: "away" });
    call.clock.move(60_001);
    expect(await call.session.fireAlarm()).toBe(true);
    await until(async () => (await call.phase()) === "completed", "the end");
  });

  it("[CAR-2] takes no word of another account, nor on a call that its peer executes", async () => {
    const call = await PlacedCall.begin();
    const callback = { leg: call.legId(0), session: call.session.id, id: "x", atMs: 0, type: "answered" } as const;
    const other = { account: "other", callback, traceparent: TRACEPARENT };
    expect(await call.session.stub.legCallback(other)).toEqual({ tag: "unknown" });
    const peers = new SessionUnderTest();
    await peers.open();
    expect(await peers.stub.legCallback({ ...other, account: ACCOUNT })).toEqual({ tag: "unknown" });
  });

  it("[LEG-6] an end that somebody reports takes all legs back, and nobody is dialled after it", async () => {
    const call = await PlacedCall.begin();
    await until(async () => (await call.phase()) === "initiating", "the leg");
    await call.tell({ type: "ringing" });
    expect(await call.session.report("cancelled")).toMatchObject({ tag: "taken", applied: true });
    await until(async () => call.carrier.times("end", call.legId(0)) === 1, "the cancellation");
    call.clock.move(RING_MS + 1);
    await call.session.fireAlarm();
    expect([await call.phase(), call.carrier.times("place")]).toEqual(["failed", 1]);
  });

  it("[LEG-6] a leg is cancelled again in time, also while the log takes nothing", async () => {
    const call = await PlacedCall.begin();
    call.carrier.answers.end = err({ tag: "unavailable", reason: "away" });
    await call.session.setLog(() => Promise.resolve("overloaded"));
    await call.tell({ type: "caller_hung_up" });
    await call.session.report("cancelled");
    for (let round = 0; round < 4; round++) {
      call.clock.move(((await call.session.alarmAt()) ?? Infinity) - call.clock.nowMs());
      await call.session.fireAlarm();
      await until(async () => call.carrier.times("end") >= round + 2, `cancellation ${round + 2}`);
    }
    expect((await call.session.alarmAt())! - call.clock.nowMs()).toBeLessThan(13_000);
  });

  it("[LEG-1] an account that is not there makes its legs unreachable", async () => {
    const call = new PlacedCall();
    await call.prepare();
    await call.session.open({}, null, { ...PLACED, carrier: "gone" } as Plan);
    await until(async () => (await call.phase()) === "failed", "the end");
    expect((await call.session.view()).state.disposition).toBe("unreachable");
  });
});
