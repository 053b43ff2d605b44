import { describe, expect, it } from "vitest";
import { ASK_EVERY_MS, type IsolateBreakers, TELL_EVERY_MS } from "../../../durable-objects/breakers/create-breakers.ts";
import { type Place, place } from "./place.ts";

/** Opens after three failures, for five seconds. */
const TARGET = "issuer:example.com/keys";
const PAUSE_MS = 5_000;

function fail(breakers: IsolateBreakers, times = 3): void {
  for (let time = 0; time < times; time++) breakers.note(TARGET, "failure");
}

/** Has an isolate find out that the target is away, and tell it. */
async function tell(at: Place, isolate: IsolateBreakers): Promise<void> {
  at.clock.ms += TELL_EVERY_MS;
  fail(isolate);
  at.clock.ms += TELL_EVERY_MS;
  isolate.admit(TARGET);
  await at.settled();
}

/** Has an isolate hear what there is to hear. */
async function hear({ clock, settled }: Place, breakers: IsolateBreakers): Promise<void> {
  clock.ms += ASK_EVERY_MS;
  breakers.admit("carrier:main");
  await settled();
}

/** Two isolates that have just exchanged what they know. */
async function two(): Promise<{ readonly at: Place; readonly one: IsolateBreakers; readonly other: IsolateBreakers }> {
  const at = place();
  const [one, other] = [at.isolate(), at.isolate()];
  await hear(at, one);
  await hear(at, other);
  return { at, one, other };
}

describe("[RES-2] isolates of a place", () => {
  it("learn from one another that a target is away, and that it is back", async () => {
    const { at, one, other } = await two();
    await tell(at, one);
    expect([one.state(TARGET), other.state(TARGET)]).toEqual(["open", "closed"]);
    at.clock.ms += TELL_EVERY_MS;
    other.note(TARGET, "failure");
    await at.settled();
    expect(other.state(TARGET)).toBe("open");
    expect(other.admit(TARGET)).toBe(false);

    at.clock.ms += PAUSE_MS;
    expect(one.admit(TARGET)).toBe(true);
    one.note(TARGET, "success");
    await at.settled();
    expect(other.state(TARGET)).toBe("half_open");
    await hear(at, one);
    await hear(at, other);
    expect([one.state(TARGET), other.state(TARGET)]).toEqual(["closed", "closed"]);
  });

  it("add up failures of which none of them has enough", async () => {
    const { at, one, other } = await two();
    fail(one, 2);
    fail(other, 2);
    await hear(at, one);
    await hear(at, other);
    expect(other.state(TARGET)).toBe("open");
    at.clock.ms += TELL_EVERY_MS;
    one.note(TARGET, "failure", at.clock.ms - 100);
    await at.settled();
    expect(one.state(TARGET)).toBe("open");
  });

  it("believe what they see themselves", async () => {
    const { at, one, other } = await two();
    await tell(at, one);
    other.note(TARGET, "success");
    at.clock.ms += TELL_EVERY_MS;
    other.note(TARGET, "failure");
    await at.settled();
    expect(other.state(TARGET)).toBe("closed");
  });

  it("exchange rarely when there is no news, and never for a success", async () => {
    const { clock, isolate, exchanged, settled } = place();
    const breakers = isolate();
    breakers.admit(TARGET);
    for (let time = 0; time < 100; time++) breakers.note(TARGET, "success");
    await settled();
    expect(exchanged.map(({ reports }) => reports)).toEqual([[]]);
    fail(breakers, 2);
    expect(exchanged).toHaveLength(1);
    clock.ms += TELL_EVERY_MS;
    breakers.admit(TARGET);
    await settled();
    expect(exchanged[1]!.reports).toEqual([{ target: TARGET, successes: 100, failures: 2, change: null }]);
    clock.ms += ASK_EVERY_MS - 1;
    breakers.admit(TARGET);
    await settled();
    expect(exchanged).toHaveLength(2);
    // What was counted before an exchange says nothing of the time after it, told or not.
    for (let time = 0; time < 100; time++) breakers.note(TARGET, "success");
    clock.ms += ASK_EVERY_MS;
    breakers.admit(TARGET);
    await settled();
    fail(breakers, 1);
    clock.ms += TELL_EVERY_MS;
    breakers.admit(TARGET);
    await settled();
    expect(exchanged.slice(2).map(({ reports }) => reports)).toEqual([
      [],
      [{ target: TARGET, successes: 0, failures: 1, change: null }],
    ]);
  });

  it("go on by themselves while the object is away or hangs, and tell it when it is back", async () => {
    const { at, one, other } = await two();
    at.world.isAway = true;
    at.clock.ms += TELL_EVERY_MS;
    fail(one);
    await at.settled();
    expect(one.admit(TARGET)).toBe(false);
    expect(other.admit(TARGET)).toBe(true);
    at.world.isAway = false;
    at.world.hangs = true;
    at.clock.ms += TELL_EVERY_MS * 2;
    expect(one.admit(TARGET)).toBe(false);
    at.world.hangs = false;
    at.clock.ms += PAUSE_MS;
    expect(one.admit(TARGET)).toBe(true);
    one.note(TARGET, "failure");
    at.clock.ms += TELL_EVERY_MS;
    one.admit(TARGET);
    await hear(at, other);
    expect(other.state(TARGET)).toBe("open");
  });

  it("take a call that came to somebody who rests for the probe, once the pause is over", async () => {
    const { clock, isolate } = place();
    const breakers = isolate();
    fail(breakers);
    breakers.probed(TARGET);
    breakers.note(TARGET, "failure");
    clock.ms += PAUSE_MS;
    expect(breakers.state(TARGET)).toBe("half_open");
    breakers.probed(TARGET);
    breakers.note(TARGET, "failure");
    expect(breakers.state(TARGET)).toBe("open");
    clock.ms += PAUSE_MS;
    expect(breakers.state(TARGET)).toBe("open");
    clock.ms += PAUSE_MS;
    breakers.probed(TARGET);
    breakers.note(TARGET, "success");
    expect(breakers.state(TARGET)).toBe("closed");
  });

  it("ask the object of their place as soon as they know it, and stay there", async () => {
    const { clock, isolate, exchanged, settled } = place();
    const breakers = isolate();
    for (const colo of [undefined, "nowhere", "FRA", "IAD"]) {
      breakers.at(colo);
      breakers.admit(TARGET);
      clock.ms += ASK_EVERY_MS;
    }
    await settled();
    expect(exchanged.map(({ name }) => name)).toEqual(["here", "here", "FRA", "FRA"]);
  });

  it("count and log a change where it was seen, once, by kind alone in the metrics", async () => {
    const { at, one, other } = await two();
    await tell(at, one);
    fail(one);
    at.clock.ms += TELL_EVERY_MS;
    other.note(TARGET, "failure");
    await at.settled();
    for (let time = 0; time < 5; time++) other.admit(TARGET);
    expect(at.counts()).toMatchObject({ 'trunkline_breaker_changes_total{target_kind="issuer",to="open"}': 1 });
    expect(at.logged).toEqual([
      {
        message: "a circuit breaker changed",
        fields: { target: TARGET, from: "closed", to: "open", pauseMs: PAUSE_MS, pauses: 1 },
      },
    ]);
    expect(other.openByKind()).toEqual({ issuer: 1 });
  });

  it("remember so many targets, those that were asked last", () => {
    const { isolate } = place();
    const breakers = isolate();
    fail(breakers);
    for (let one = 0; one < 5_000; one++) breakers.note(`destination:acme/${one}`, "success");
    expect(breakers.state(TARGET)).toBe("closed");
    fail(breakers);
    for (let one = 0; one < 5_000; one++) {
      breakers.admit(TARGET);
      breakers.note(`destination:acme/${one}`, "success");
    }
    expect(breakers.state(TARGET)).toBe("open");
  });
});
