import { describe, expect, it } from "vitest";
import { durationText, timelineText } from "../../../contracts/events/timeline.ts";
import { timelineOf } from "../../../domain/events/timeline.ts";
import { DAY_OF_CALLS_MS as T, storedEvent } from "./stored-events.ts";

const HEAD = { callId: "call-1", sessionId: null, truncated: false, damaged: false };

describe("[QRY-9] a timeline as text", () => {
  it("reads like this", () => {
    const events = [
      storedEvent({ type: "call.started", atMs: T, caller: "+4930111", callee: "+4930222" }),
      storedEvent({ type: "call.answered", atMs: T + 4_000 }),
      storedEvent({ type: "call.ended", atMs: T + 64_000, status: "normal", data: { sipCode: 200 } }),
    ];
    expect(timelineText(HEAD, timelineOf(events, 5_000))).toBe(`call call-1
2026-06-01T00:00:00.000Z to 2026-06-01T00:01:04.000Z, 1 min 4.000 s, completed (normal)
setup 4.000 s, talk 1 min 0.000 s

      +0.000  call.started                             +4930111 → +4930222
      +4.000  call.answered
              ── 1 min 0.000 s ──
     +64.000  call.ended                                normal {"sipCode":200}
`);
  });

  it("shows nothing that would move a terminal's cursor", () => {
    const event = storedEvent({ type: "note", atMs: T, data: { text: "\u009b2J \u202e \u001b" } });
    expect(timelineText(HEAD, timelineOf([event], 5_000))).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });

  it("says how long something took", () => {
    expect([0, 999, 60_000, 3_600_000 + 61_001].map(durationText)).toEqual([
      "0.000 s",
      "0.999 s",
      "1 min 0.000 s",
      "1 h 1 min 1.001 s",
    ]);
  });
});
