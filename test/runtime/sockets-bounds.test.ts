import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_SOCKETS } from "../../durable-objects/sockets/sockets.ts";
import { ACK_BYTES, ACK_EVERY } from "../../contracts/live.ts";
import {
  MAX_BEHIND,
  MAX_BEHIND_BYTES,
  afterAcknowledgement,
  afterSending,
  flowFrom,
  behindBytes,
  isFull,
} from "../../durable-objects/sockets/flow.ts";
import { MAX_FRAMES_AT_ONCE, MAX_FRAMES_PER_S, fullBucket, takeToken } from "../../durable-objects/sockets/rate.ts";

describe("[LIVE-8] what a client may be behind", () => {
  /** Sends frames of these lengths until one has to wait. */
  function sendAll(lengths: readonly number[]) {
    let flow = flowFrom(0);
    let sent = 0;
    for (const length of lengths) {
      if (isFull(flow, length)) break;
      sent += 1;
      flow = afterSending(flow, sent, length);
    }
    return { flow, sent };
  }

  it("[LIVE-8] is bounded in frames", () => {
    expect(sendAll(Array(1_000).fill(10)).sent).toBe(MAX_BEHIND);
  });

  it("[LIVE-8] is bounded in length, except that one frame always goes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: MAX_BEHIND_BYTES * 2 }), { minLength: 1 }), (lengths) => {
        const { sent } = sendAll(lengths);
        const held = lengths.slice(0, sent).reduce((sum, length) => sum + length, 0);
        expect(sent).toBeGreaterThan(0);
        expect(sent === 1 || held <= MAX_BEHIND_BYTES).toBe(true);
      }),
    );
  });

  it("[LIVE-8] is never less than what was sent and not acknowledged, and nothing once all is", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), (steps) => {
        let flow = flowFrom(0);
        let acked = 0;
        for (const behind of steps) {
          for (let count = 0; count < 10 && !isFull(flow, 100); count++) flow = afterSending(flow, flow.last + 1, 100);
          acked = Math.max(acked, flow.last - behind);
          flow = afterAcknowledgement(flow, acked);
          const counted = flow.marks.reduce((sum, [, frames]) => sum + frames, 0);
          expect(counted).toBeGreaterThanOrEqual(flow.last - acked);
        }
        expect(afterAcknowledgement(flow, flow.last).marks).toEqual([]);
      }),
    );
  });

  it("[LIVE-8] is not less by an acknowledgement of what was never sent", () => {
    const { flow } = sendAll(Array(1_000).fill(10));
    expect(afterAcknowledgement(flow, 1_000_000)).toBe(flow);
  });

  it("[LIVE-8] leaves room for a client that acknowledges as it should", () => {
    expect(MAX_BEHIND).toBeGreaterThan(2 * ACK_EVERY);
    expect(behindBytes(MAX_SOCKETS)).toBeGreaterThan(2 * ACK_BYTES);
    expect(behindBytes(1)).toBe(MAX_BEHIND_BYTES);
  });

  it("[LIVE-8] takes little room in the attachment of a socket", () => {
    expect(JSON.stringify(sendAll(Array(MAX_BEHIND).fill(999)).flow).length).toBeLessThan(1_000);
  });
});

describe("[LIVE-5] how many frames a client may send", () => {
  it("[LIVE-5] is a burst, then a rate", () => {
    let bucket = fullBucket(0);
    const take = (nowMs: number): boolean => {
      const next = takeToken(bucket, nowMs);
      bucket = next ?? bucket;
      return next !== null;
    };
    const taken = (nowMs: number): number => Array.from({ length: 1_000 }, () => take(nowMs)).filter(Boolean).length;
    expect(taken(0)).toBe(MAX_FRAMES_AT_ONCE);
    expect(taken(1_000)).toBe(MAX_FRAMES_PER_S);
    expect(taken(500)).toBe(0);
    expect(taken(1_000_000)).toBe(MAX_FRAMES_AT_ONCE);
  });
});
