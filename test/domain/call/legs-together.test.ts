import { describe, expect, it } from "vitest";
import { CANCEL_DEADLINE_MS, MAX_LEGS } from "../../../domain/call/leg-timing.ts";
import { anyOpen, isConnected, legsDueAt, pollLegs } from "../../../domain/call/legs.ts";
import { EMERGENCY_REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import { REFUSED, RINGS, RING_MS, T0, callOf, groups, over, plan } from "./legs-fixture.ts";

/** All of the first group has been taken by the carrier. */
function ringing(letters: string, legs = [0, 1]) {
  const call = callOf(groups(letters));
  call.start();
  call.asks(0);
  for (const leg of legs) call.answer(10, leg, "place", RINGS);
  return call;
}
const failed = (sipCode: number) => ({ type: "failed", sipCode, q850: null }) as const;

describe("[EMG-9] [LEG-9] destinations that ring together", () => {
  it("[LEG-3] [LEG-9] are all on disk before the carrier is asked for any of them, and asked for at once", () => {
    const call = callOf(groups("abc d"));
    call.start();
    expect(call.phases()).toEqual(["placing", "placing", "placing"]);
    expect(call.legs().legs.map(({ routeIndex }) => routeIndex)).toEqual([0, 1, 2]);
    expect(call.asks(0)).toEqual(["place 0", "place 1", "place 2"]);
  });

  it("[LEG-9] the first that answers has the call, and the others are taken back, however far they are", () => {
    const call = callOf(groups("abc"));
    call.start();
    call.asks(0);
    call.answer(10, 0, "place", RINGS);
    call.answer(10, 1, "place", RINGS);
    call.says(2_000, 1, { type: "answered" });
    expect(call.phases()).toEqual(["ending", "answered", "ending"]);
    expect(call.asks(2_000)).toEqual(["end 0", "end 2"]);
    call.answer(2_100, 0, "end", over(2_050, 487));
    call.answer(2_100, 2, "end", over(2_050, 487));
    call.says(60_000, 1, { type: "ended", sipCode: null, q850: 16 });
    expect(call.story()).toEqual(["placed 0", "placed 1", "answered 1 @2000", "ended 1 @60000"]);
    expect(anyOpen(call.legs())).toBe(false);
  });

  it("[LEG-5] [LEG-9] an answer that crosses the cancellation is hung up", () => {
    const call = ringing("ab");
    call.says(2_000, 1, { type: "answered" });
    call.asks(2_000);
    call.says(2_100, 0, { type: "answered" }, 1_990);
    call.answer(2_200, 0, "end", { tag: "answered", answeredAtMs: T0 + 1_990 });
    expect(call.phases()).toEqual(["ending", "answered"]);
    expect(call.asks(10_000)).toEqual(["end 0"]);
    call.answer(10_100, 0, "end", over(10_050, null, T0 + 1_990));
    expect(call.story()).toEqual(["placed 0", "placed 1", "answered 1 @2000"]);
    expect(isConnected(call.legs())).toBe(true);
  });

  it("[LEG-9] [CALL-9] one that fails is told of at once, and the others go on", () => {
    const call = ringing("ab c");
    call.says(1_000, 0, failed(486));
    expect(call.story()).toEqual(["placed 0", "placed 1", "failover 0 486 @1000"]);
    expect(call.asks(1_000)).toEqual([]);
    call.says(3_000, 1, { type: "answered" });
    expect(call.story().at(-1)).toBe("answered 1 @3000");
  });

  it("[LEG-9] when all have failed the next group is dialled, and each is told of once", () => {
    const call = ringing("ab cd");
    call.says(1_000, 1, failed(486));
    call.says(2_000, 0, failed(503));
    expect(call.story()).toEqual(["placed 0", "placed 1", "failover 1 486 @1000", "failover 0 503 @2000"]);
    expect(call.asks(2_000)).toEqual(["place 2", "place 3"]);
    expect(call.legs().legs.map(({ routeIndex }) => routeIndex)).toEqual([0, 1, 2, 3]);
    call.says(2_500, 0, { type: "answered" });
    expect(call.asks(2_500)).toEqual([]);
    expect(isConnected(call.legs())).toBe(false);
  });

  it("[LEG-4] [LEG-9] each has its own ring time, counted from when the carrier took it", () => {
    const call = callOf(groups("ab c"));
    call.start();
    call.asks(0);
    call.answer(0, 0, "place", RINGS);
    call.answer(4_000, 1, "place", RINGS);
    call.time(RING_MS);
    expect(call.asks(RING_MS)).toEqual(["end 0 unless answered"]);
    expect(call.phases()).toEqual(["ending", "dialling"]);
    // While another rings nobody waits for the cancellation to be confirmed, and nothing is due because of it.
    expect(legsDueAt(call.legs())! > T0 + RING_MS).toBe(true);
    call.time(RING_MS + CANCEL_DEADLINE_MS);
    expect(call.phases()).toEqual(["ending", "dialling"]);
    call.says(RING_MS + CANCEL_DEADLINE_MS + 1, 0, { type: "answered" });
    expect(call.phases()).toEqual(["answered", "ending"]);
  });

  it("[LEG-9] when the carrier confirms nothing the next group is dialled all the same", () => {
    const call = ringing("ab c");
    call.time(RING_MS + 10);
    call.asks(RING_MS + 10);
    const dueMs = RING_MS + 10 + CANCEL_DEADLINE_MS;
    call.time(dueMs);
    expect(call.asks(dueMs)).toEqual(["end 0", "end 1", "place 2"]);
    expect(call.story().slice(2)).toEqual([`failover 0 408 @${dueMs}`, `failover 1 408 @${dueMs}`]);
  });

  it("[LEG-9] the last to fail ends the call, with its own code", () => {
    const call = ringing("ab");
    call.says(1_000, 1, failed(503));
    call.says(2_000, 0, failed(486));
    expect(call.story().slice(2)).toEqual(["failover 1 503 @1000", "failed 0 486 @2000"]);
    expect(legsDueAt(call.legs())).toBeNull();
  });

  it("[LEG-9] a group of which one would be left for the next destination is left, whatever another one said", () => {
    const call = ringing("ab c");
    call.says(1_000, 0, failed(486));
    call.says(2_000, 1, failed(603));
    expect(call.asks(2_000)).toEqual(["place 2"]);
  });

  it("[RTE-6] [LEG-9] answering points that are busy or decline are left for the next ones", () => {
    const call = callOf(groups("ab c", EMERGENCY_REROUTE_CAUSES));
    call.start();
    call.asks(0);
    call.answer(10, 0, "place", REFUSED);
    call.says(2_000, 1, failed(603));
    expect(call.asks(2_000)).toEqual(["place 2"]);
  });

  it("[LEG-6] [LEG-9] a caller who hangs up while a group rings cancels all of it", () => {
    const call = ringing("ab c");
    call.says(5_000, 0, { type: "caller_hung_up" });
    expect(call.asks(5_000)).toEqual(["end 0", "end 1"]);
    call.answer(5_100, 1, "end", over(5_050, 487));
    expect(call.story().at(-1)).toBe("placed 1");
    call.answer(5_200, 0, "end", over(5_050, 487));
    expect(call.story().at(-1)).toBe("cancelled 1 487 @5000");
  });

  it("[LEG-6] [LEG-9] of two that had been answered when everything was hung up, one was the call", () => {
    const call = ringing("ab");
    call.give(5_000, { kind: "hang_up" });
    call.asks(5_000);
    call.answer(5_100, 1, "end", over(5_050, null, T0 + 3_000));
    call.answer(5_200, 0, "end", over(5_060, null, T0 + 2_000));
    expect(call.story().slice(2)).toEqual(["answered 1 @3000", "ended 1 @5050"]);
  });

  it("[CMD-5] [LEG-9] a redirection gives up all of them and dials when they are over", () => {
    const call = ringing("ab c");
    call.give(5_000, { kind: "redirect", target: { uri: "sip:desk@127.0.0.1", ringTimeoutMs: 5_000 } });
    expect(call.asks(5_000)).toEqual(["end 0", "end 1"]);
    call.answer(5_100, 0, "end", over(5_050, 487));
    expect(call.asks(5_100)).toEqual([]);
    call.answer(5_200, 1, "end", over(5_050, 487));
    expect(call.asks(5_200)).toEqual(["place 2"]);
    expect(call.legs().legs[2]).toMatchObject({ uri: "sip:desk@127.0.0.1", routeIndex: null });
    expect(call.story()).toEqual(["placed 0", "placed 1"]);
  });

  it("[LEG-8] [LEG-9] all that ring are asked about, and of an answered call the one that talks", () => {
    const call = ringing("abc", [0, 2]);
    expect(pollLegs(call.legs()).map(({ leg }) => leg.number)).toEqual([0, 2]);
    call.says(1_000, 2, { type: "answered" });
    expect(pollLegs(call.legs()).map(({ leg }) => leg.number)).toEqual([2]);
  });

  it("[LEG-9] more than a call may have are not dialled", () => {
    const letters = Array.from({ length: MAX_LEGS + 3 }, (_, index) => String.fromCharCode(97 + index)).join("");
    const call = callOf(groups(letters));
    call.start();
    expect(call.legs().legs).toHaveLength(MAX_LEGS);
  });

  it("[LEG-9] a mark on the first destination of a plan means nothing, and legs that were stored without one were dialled alone", () => {
    const destinations = plan().destinations.map((destination) => ({ ...destination, together: true as const }));
    const call = callOf(plan({ destinations }));
    call.start();
    expect(call.asks(0)).toEqual(["place 0", "place 1", "place 2"]);
    expect(call.legs().legs[0]).not.toHaveProperty("together");
  });
});
