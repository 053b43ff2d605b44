import { describe, expect, it } from "vitest";
import { ANSWER_MS, CANCEL_DEADLINE_MS, ENDING_MS, MAX_LEGS, MAX_PLACE_ATTEMPTS } from "../../../domain/call/leg-timing.ts";
import { anyOpen, isConnected, legsDueAt, mayRedirect, pollLegs } from "../../../domain/call/legs.ts";
import { AWAY, REFUSED, RING_MS, SESSION, T0, callOf, over, plan } from "./legs-fixture.ts";

const GONE = { type: "caller_hung_up" } as const;
const TARGET = { uri: "sip:desk@127.0.0.1", ringTimeoutMs: 5_000 };

describe("[LEG-2] a call that Trunkline places", () => {
  it("[LEG-2] goes from the first leg taken over ringing and talking to its end", () => {
    const call = callOf();
    call.start();
    expect(call.story()).toEqual([]);
    call.taken(10, 0);
    call.says(1_000, 0, { type: "ringing" });
    call.says(5_000, 0, { type: "answered" });
    expect(isConnected(call.legs())).toBe(true);
    call.says(65_000, 0, { type: "ended", sipCode: null, q850: 16 });
    expect(call.story()).toEqual(["placed 0", "ringing 0 @1000", "answered 0 @5000", "ended 0 @65000"]);
    expect(anyOpen(call.legs())).toBe(false);
    expect(legsDueAt(call.legs())).toBeNull();
  });

  it("[LEG-2] is a plain JSON value between any two steps", () => {
    const call = callOf();
    call.start();
    call.taken(10, 0);
    call.says(1_000, 0, { type: "failed", sipCode: 503, q850: null });
    expect(JSON.parse(JSON.stringify(call.legs()))).toEqual(call.legs());
  });

  it("[LEG-2] of a plan without destinations fails at once", () => {
    const call = callOf(plan({ destinations: [], otherwise: { sipCode: 480, reason: "closed" } }));
    call.start();
    expect(call.story()).toEqual(["failed 0 480 @0"]);
  });
});

describe("[TMR-4] what tells nothing new", () => {
  it("[TMR-4] [LEG-5] gives the same legs, so that nothing is stored", () => {
    const call = callOf();
    call.start();
    call.taken(10, 0);
    call.says(1_000, 0, { type: "ringing" });
    call.says(2_000, 0, { type: "answered" });
    const before = call.legs();
    call.time(3_000);
    call.start();
    call.says(3_100, 0, { type: "ringing" });
    call.says(3_200, 0, { type: "answered" });
    call.answer(3_300, 0, "status", { tag: "answered", answeredAtMs: T0 + 2_000 });
    call.says(3_400, 7, { type: "ended" });
    expect(call.legs()).toBe(before);
  });
});

describe("[LEG-3] the intention to dial", () => {
  it("[LEG-3] is there before the carrier is asked, under an id that stays", () => {
    const call = callOf();
    call.start();
    expect(call.legs().legs.map(({ id, phase }) => [id, phase])).toEqual([[`${SESSION}.0`, "placing"]]);
    expect(call.asks(0)).toEqual(["place 0"]);
    expect(call.asks(ANSWER_MS)).toEqual([]);
    // No answer came: the process died. The same leg is due again, not another one.
    expect(legsDueAt(call.legs())).toBe(T0 + ANSWER_MS + 500);
    expect(call.asks(ANSWER_MS + 500)).toEqual(["place 0"]);
    expect(call.legs().legs).toHaveLength(1);
  });

  it("[LEG-3] is not carried out twice when the start is", () => {
    const call = callOf();
    call.start();
    call.start();
    expect(call.legs().legs).toHaveLength(1);
  });
});

describe("[LEG-4] the next destination", () => {
  it("[LEG-4] is dialled after the ring time, counted from when the carrier took the leg, and not before the cancellation is confirmed", () => {
    const call = callOf();
    call.start();
    call.taken(500, 0);
    call.time(RING_MS + 499);
    expect(call.phases()).toEqual(["dialling"]);
    call.time(RING_MS + 500);
    expect(call.asks(RING_MS + 500)).toEqual(["end 0 unless answered"]);
    expect(call.phases()).toEqual(["ending"]);
    call.answer(RING_MS + 700, 0, "end", over(RING_MS + 650, 487));
    expect(call.story()).toEqual(["placed 0", "failover 0 408 @20650"]);
    expect(call.asks(RING_MS + 700)).toEqual(["place 1"]);
  });

  it("[LEG-4] is dialled when nobody has confirmed the cancellation in time, which then is no longer conditional", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.time(RING_MS);
    call.asks(RING_MS);
    expect(legsDueAt(call.legs())).toBe(T0 + RING_MS + CANCEL_DEADLINE_MS);
    call.time(RING_MS + CANCEL_DEADLINE_MS);
    expect(call.asks(RING_MS + CANCEL_DEADLINE_MS)).toEqual(["end 0", "place 1"]);
  });

  it.each([
    ["a code that the destination reroutes after", { sipCode: 486, q850: null }, "placed 0,failover 0 486 @900"],
    ["no code at all", { sipCode: null, q850: null }, "placed 0,failover 0 @900"],
    ["a cause that stands for such a code", { sipCode: null, q850: 17 }, "placed 0,failover 0 @900"],
    ["a callee who declined", { sipCode: 603, q850: null }, "placed 0,failed 0 603 @900"],
    ["a clearing that was not for want of a line", { sipCode: null, q850: 16 }, "placed 0,failed 0 @900"],
  ])("[LEG-4] after %s", (_, codes, story) => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.says(900, 0, { type: "failed", ...codes });
    expect(call.story().join()).toBe(story);
  });

  it("[LEG-4] ends with what the last one said, or with what the plan has for that", () => {
    const story = (otherwise?: { sipCode: number; reason: string }) => {
      const { destinations } = plan();
      const call = callOf(plan({ destinations: destinations.slice(0, 2), ...(otherwise === undefined ? {} : { otherwise }) }));
      call.start();
      for (const leg of [0, 1]) {
        call.taken(leg * 1_000, leg);
        call.says(leg * 1_000 + 900, leg, { type: "failed", sipCode: 503, q850: null });
      }
      return call.story().slice(-1);
    };
    expect(story()).toEqual(["failed 1 503 @1900"]);
    expect(story({ sipCode: 480, reason: "closed" })).toEqual(["failed 1 480 @1900"]);
  });

  it("[LEG-4] is not dialled when the callee had declined before the cancellation came", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.time(RING_MS);
    call.asks(RING_MS);
    call.answer(RING_MS + 50, 0, "end", over(RING_MS - 10, 603));
    expect(call.story()).toEqual(["placed 0", "failed 0 603 @19990"]);
  });
});

describe("[LEG-5] a cancellation that crosses an answer", () => {
  const givenUp = () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.time(RING_MS);
    call.asks(RING_MS);
    return call;
  };

  it("[LEG-5] does not end the call when no other leg is on its way, whichever way the carrier says it", () => {
    const byAnswer = givenUp();
    byAnswer.answer(RING_MS + 100, 0, "end", { tag: "answered", answeredAtMs: T0 + RING_MS - 5 });
    expect(byAnswer.story()).toEqual(["placed 0", "answered 0 @19995"]);
    const byCallback = givenUp();
    byCallback.says(RING_MS + 100, 0, { type: "answered" });
    expect(byCallback.story()).toEqual(["placed 0", "answered 0 @20100"]);
    byCallback.time(RING_MS + ENDING_MS);
    expect(byCallback.asks(RING_MS + ENDING_MS)).toEqual([]);
    expect(isConnected(byCallback.legs())).toBe(true);
  });

  it("[LEG-5] is hung up when another one is on its way", () => {
    const call = givenUp();
    call.time(RING_MS + CANCEL_DEADLINE_MS);
    call.asks(RING_MS + CANCEL_DEADLINE_MS);
    call.answer(24_000, 1, "place", { tag: "dialling" });
    call.says(24_500, 0, { type: "answered" }, 19_000);
    expect(call.story()).toEqual(["placed 0", "failover 0 408 @23000", "placed 1"]);
    expect(call.asks(30_000)).toEqual(["end 0"]);
    call.says(31_000, 1, { type: "answered" });
    expect(call.phases()).toEqual(["ending", "answered"]);
  });

  it("[LEG-5] a leg whose every word was lost, and who talked, is a call that was answered", () => {
    const call = givenUp();
    call.answer(RING_MS + 100, 0, "end", over(15_000, null, T0 + 4_000));
    expect(call.story()).toEqual(["placed 0", "answered 0 @4000", "ended 0 @15000"]);
  });
});

describe("[LEG-6] hanging up", () => {
  it("[LEG-6] the caller's hang-up cancels all legs", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.time(RING_MS);
    call.time(RING_MS + CANCEL_DEADLINE_MS);
    call.asks(RING_MS + CANCEL_DEADLINE_MS);
    call.says(25_000, 1, GONE);
    expect(call.asks(25_000)).toContain("end 1");
    call.answer(25_100, 1, "end", over(25_090, 487));
    expect(call.story().at(-1)).toBe("failover 0 408 @23000");
    call.answer(25_200, 0, "end", over(25_190, 487));
    expect(call.story().at(-1)).toBe("cancelled 1 487 @25000");
  });

  it("[LEG-6] after the answer it ends the call when the caller went; by command, when the carrier has hung up", () => {
    const ends = (hangUp: (call: ReturnType<typeof callOf>) => void) => {
      const call = callOf();
      call.start();
      call.taken(0, 0);
      call.says(1_000, 0, { type: "answered" });
      hangUp(call);
      expect(call.asks(10_000)).toEqual(["end 0"]);
      call.answer(10_400, 0, "end", over(10_300, null, T0 + 1_000));
      return call.story().at(-1);
    };
    expect(ends((call) => call.says(10_000, 0, GONE, 9_500))).toBe("ended 0 @9500");
    expect(ends((call) => call.give(10_000, { kind: "hang_up" }))).toBe("ended 0 @10300");
  });

  it("[LEG-6] is asked again with growing pauses, and ends the call after ENDING_MS all the same", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.says(1_000, 0, { type: "answered" });
    call.give(10_000, { kind: "hang_up" });
    const times: number[] = [];
    for (let atMs = 10_000; anyOpen(call.legs()) && atMs < 200_000; atMs = legsDueAt(call.legs())! - T0) {
      call.time(atMs);
      if (call.asks(atMs).length > 0) times.push(atMs);
      call.answer(atMs + 1, 0, "end", AWAY);
      if (legsDueAt(call.legs()) === null) break;
    }
    const pauses = times.slice(1).map((atMs, index) => atMs - times[index]!);
    expect(pauses.slice(0, 5)).toEqual([501, 1_001, 2_001, 4_001, 8_001]);
    expect(call.story().at(-1)).toBe(`ended 0 @${10_000 + ENDING_MS}`);
    // Should the carrier turn up with it later, it is hung up, and that is no news for the call.
    call.says(90_000, 0, { type: "ringing" });
    expect(call.asks(90_000)).toEqual(["end 0"]);
    expect(call.story().filter((word) => word.startsWith("ended"))).toHaveLength(1);
  });

  it("[LEG-6] before anybody was asked ends the call at once and dials nobody", () => {
    const call = callOf();
    call.start();
    call.give(5, { kind: "hang_up" });
    expect(call.story()).toEqual(["cancelled 0 487 @5"]);
    expect(call.asks(5)).toEqual([]);
    const unstarted = callOf();
    unstarted.give(5, { kind: "hang_up" });
    unstarted.start();
    expect(unstarted.story()).toEqual(["cancelled 0 487 @5"]);
    expect(unstarted.legs().legs).toEqual([]);
  });

  it("[LEG-6] the caller's hang-up that overtakes the answer still ends a call that was answered", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.says(30_000, 0, GONE);
    call.says(30_010, 0, { type: "answered" }, 5_000);
    call.asks(30_010);
    call.answer(30_100, 0, "end", over(30_050, null));
    expect(call.story()).toEqual(["placed 0", "answered 0 @5000", "ended 0 @30000"]);
  });
});

describe("[LEG-7] a carrier that does not take a leg", () => {
  it("[LEG-7] is asked up to MAX_PLACE_ATTEMPTS times, then what may have reached it is taken back and the next one dialled", () => {
    const call = callOf();
    call.start();
    let atMs = 0;
    for (let attempt = 0; attempt < MAX_PLACE_ATTEMPTS; attempt++) {
      expect(call.asks(atMs)).toEqual(["place 0"]);
      call.answer(atMs + 1, 0, "place", AWAY);
      atMs = legsDueAt(call.legs())! - T0;
    }
    expect(call.asks(atMs)).toEqual(["end 0 unless answered"]);
    call.answer(atMs + 1, 0, "end", { tag: "unknown" });
    expect(call.story()).toEqual([`failover 0 @${atMs + 1}`]);
    expect(call.asks(atMs + 1)).toEqual(["place 1"]);
  });

  it("[LEG-7] counts as unreachable when no request has an answer, though the process died each time", () => {
    const call = callOf();
    call.start();
    for (let asked = 0; asked < MAX_PLACE_ATTEMPTS; asked++) {
      expect(call.asks(legsDueAt(call.legs())! - T0)).toEqual(["place 0"]);
    }
    call.time(legsDueAt(call.legs())! - T0);
    expect(call.phases()).toEqual(["ending"]);
  });

  it("[LEG-7] is not asked again when it refuses", () => {
    const call = callOf();
    call.start();
    call.asks(0);
    call.answer(10, 0, "place", { tag: "refused", sipCode: 403, reason: "no" });
    expect(call.story()).toEqual(["failed 0 403 @10"]);
    const unreachable = callOf();
    unreachable.start();
    unreachable.asks(0);
    unreachable.answer(10, 0, "place", REFUSED);
    expect(unreachable.story()).toEqual(["failover 0 @10"]);
  });
});

describe("[LEG-8] asking the carrier about the present leg", () => {
  it("[LEG-8] makes up for callbacks that were lost", () => {
    const call = callOf();
    call.start();
    expect(pollLegs(call.legs())).toEqual([]);
    call.taken(0, 0);
    expect(pollLegs(call.legs())).toMatchObject([{ kind: "status", leg: { number: 0 } }]);
    call.answer(5_000, 0, "status", { tag: "ringing" });
    call.answer(9_000, 0, "status", { tag: "answered", answeredAtMs: T0 + 7_000 });
    call.answer(30_000, 0, "status", over(25_000, null, T0 + 7_000));
    expect(call.story()).toEqual(["placed 0", "ringing 0 @5000", "answered 0 @7000", "ended 0 @25000"]);
    expect(pollLegs(call.legs())).toEqual([]);
  });

  it("[LEG-8] a carrier that has forgotten an answered leg has ended it", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.says(1_000, 0, { type: "answered" });
    call.answer(9_000, 0, "status", { tag: "unknown" });
    expect(call.story().at(-1)).toBe("ended 0 @9000");
  });

  it("[LEG-8] an end that overtakes its answer is completed by it", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.says(9_000, 0, { type: "ended", sipCode: null, q850: 16 });
    call.says(9_100, 0, { type: "answered" }, 3_000);
    call.says(9_200, 0, { type: "answered" }, 3_000);
    expect(call.story()).toEqual(["placed 0", "ended 0 @9000", "answered 0 @3000"]);
  });
});

describe("[CMD-5] redirect", () => {
  it("[CMD-5] gives up the leg that rings, and dials the new one when it is over", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.give(4_000, { kind: "redirect", target: TARGET });
    expect(call.asks(4_000)).toEqual(["end 0"]);
    expect(call.legs().legs).toHaveLength(1);
    call.answer(4_100, 0, "end", over(4_050, 487));
    expect(call.asks(4_100)).toEqual(["place 1"]);
    call.answer(4_200, 1, "place", { tag: "dialling" });
    call.says(5_000, 1, { type: "failed", sipCode: 486, q850: null });
    expect(call.story()).toEqual(["placed 0", "placed 1", "failed 1 486 @5000"]);
  });

  it("[CMD-5] of a talking call leaves it completed, whatever becomes of the new leg", () => {
    const call = callOf();
    call.start();
    call.taken(0, 0);
    call.says(1_000, 0, { type: "answered" });
    call.give(4_000, { kind: "redirect", target: TARGET });
    call.says(4_100, 0, { type: "ended", sipCode: null, q850: 16 });
    call.taken(4_100, 1);
    call.time(9_100);
    call.asks(9_100);
    call.answer(9_200, 1, "end", over(9_200, 487));
    expect(call.story()).toEqual(["placed 0", "answered 0 @1000", "placed 1", "ended 1 408 @9200"]);
  });

  it("[CMD-5] takes no effect while hanging up, after the end, and beyond MAX_LEGS", () => {
    const call = callOf();
    call.start();
    for (let leg = 0; leg < MAX_LEGS; leg++) {
      expect(mayRedirect(call.legs())).toBe(leg + 1 < MAX_LEGS);
      call.taken(leg * 10, leg);
      call.give(leg * 10 + 1, { kind: "redirect", target: TARGET });
      call.says(leg * 10 + 2, leg, { type: "failed", sipCode: 487, q850: null });
    }
    expect(call.legs().legs).toHaveLength(MAX_LEGS);
    const ended = callOf();
    ended.give(0, { kind: "hang_up" });
    ended.give(1, { kind: "redirect", target: TARGET });
    expect(mayRedirect(ended.legs())).toBe(false);
    expect(ended.legs().legs).toEqual([]);
  });
});
