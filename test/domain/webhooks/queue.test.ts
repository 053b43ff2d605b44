import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLOSED, type Breaker, afterFailure, allowedAtOnce } from "../../../domain/webhooks/breaker.ts";
import { DeliveryQueue, MAX_QUEUED, MAX_QUEUED_UNITS, type Waiting } from "../../../domain/webhooks/queue.ts";
import { retryDelayMs } from "../../../domain/webhooks/schedule.ts";

const MOST = 5;

const waiting = (seq: number, subject: string | null, changes: Partial<Waiting> = {}): Waiting => ({
  seq,
  eventId: `event-${seq}`,
  subject,
  attempts: 0,
  dueMs: 0,
  units: 1,
  ...changes,
});

const seqs = (items: readonly Waiting[]) => items.map(({ seq }) => seq);

describe("the queue of an endpoint", () => {
  it("[HOOK-3] keeps the order of a subject while one of it waits, and lets others go on", () => {
    const queue = new DeliveryQueue([waiting(1, "a"), waiting(2, "a"), waiting(3, "b"), waiting(4, null), waiting(5, null)]);
    const [first, ...others] = queue.take(0, MOST);
    expect(seqs([first!, ...others])).toEqual([1, 3, 4, 5]);
    queue.failed(first!, 5_000);
    for (const item of others) queue.done(item);
    expect(queue.take(4_999, MOST)).toEqual([]);
    expect(queue.nextDueMs).toBe(5_000);
    const [again] = queue.take(5_000, MOST);
    expect(again).toMatchObject({ seq: 1, attempts: 1 });
    queue.done(again!);
    expect(seqs(queue.take(5_000, MOST))).toEqual([2]);
  });

  it("[HOOK-5] has no more under way than it may", () => {
    const queue = new DeliveryQueue(Array.from({ length: 10 }, (_, index) => waiting(index + 1, `s${index}`)));
    expect(queue.take(0, 3)).toHaveLength(3);
    expect(queue.take(0, 3)).toEqual([]);
    expect(queue.take(0, 4)).toHaveLength(1);
  });

  it("[HOOK-3] is bounded in number and in size", () => {
    const queue = new DeliveryQueue(Array.from({ length: MAX_QUEUED - 1 }, (_, index) => waiting(index + 1, null)));
    expect(queue.hasRoom(1)).toBe(true);
    queue.add(waiting(MAX_QUEUED, null));
    expect(queue.hasRoom(1)).toBe(false);
    expect(new DeliveryQueue([waiting(1, null, { units: MAX_QUEUED_UNITS })]).hasRoom(1)).toBe(false);
  });

  it("[HOOK-3] delivers everything at least once and each subject in its order, whatever fails, is slow, or dies in between", () => {
    const step = fc.record({
      /** How the oldest that is under way ends. */
      ends: fc.constantFrom("delivered", "delivered", "failed", "lost"),
      arrives: fc.integer({ min: 0, max: 3 }),
      passesMs: fc.integer({ min: 0, max: 20_000 }),
      dies: fc.integer({ min: 0, max: 19 }).map((chance) => chance === 0),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), fc.integer({ min: 1, max: 4 }), (steps, subjects) => {
        /** What the disk has: it survives a death. */
        const disk = new Map<number, Waiting>();
        let queue = new DeliveryQueue();
        let breaker: Breaker = CLOSED;
        let underWay: Waiting[] = [];
        let nowMs = 0;
        let lastSeq = 0;
        const order: Waiting[] = [];
        /** In the order in which the endpoint said that it has them. */
        const delivered: Waiting[] = [];
        const begin = () => {
          const begun = queue.take(nowMs, allowedAtOnce(breaker, nowMs, MOST));
          // Never two of one subject at once.
          underWay.push(...begun);
          const named = underWay.flatMap(({ subject }) => (subject === null ? [] : [subject]));
          expect(new Set(named).size).toBe(named.length);
          expect(underWay.length).toBeLessThanOrEqual(MOST);
        };
        const end = (how: string) => {
          const item = underWay.shift();
          if (item === undefined) return;
          // The endpoint has it, and its answer got lost.
          if (how !== "failed") delivered.push(item);
          if (how === "delivered") {
            breaker = CLOSED;
            disk.delete(item.seq);
            queue.done(item);
            return;
          }
          breaker = afterFailure(breaker, nowMs, nowMs, null, 0.5);
          const again = queue.failed(item, nowMs + (retryDelayMs(Math.min(item.attempts + 1, 9), 0.5) ?? 0));
          disk.set(again.seq, again);
        };
        for (const { ends, arrives, passesMs, dies } of steps) {
          for (let count = 0; count < arrives; count++) {
            lastSeq += 1;
            const kind = lastSeq % (subjects + 1);
            const item = waiting(lastSeq, kind === 0 ? null : `s${kind}`, { dueMs: nowMs });
            disk.set(item.seq, item);
            order.push(item);
            queue.add(item);
          }
          if (dies) {
            underWay = [];
            queue = new DeliveryQueue([...disk.values()].sort((a, b) => a.seq - b.seq));
          }
          begin();
          end(ends);
          nowMs += passesMs;
        }
        // From now on the endpoint is well: everything comes, in bounded time.
        for (let turn = 0; queue.size > 0 && turn < 10_000; turn++) {
          begin();
          if (underWay.length === 0) nowMs = Math.max(nowMs + 1, queue.nextDueMs ?? 0, breaker.openUntilMs ?? 0);
          else end("delivered");
        }
        expect(disk.size).toBe(0);
        expect(new Set(seqs(delivered))).toEqual(new Set(seqs(order)));
        for (const subject of new Set(order.flatMap(({ subject: own }) => (own === null ? [] : [own])))) {
          // Repeats apart, each subject's events came in the order in which they were queued.
          const came = seqs(delivered.filter((item) => item.subject === subject));
          const firsts = came.filter((seq, index) => came.indexOf(seq) === index);
          expect(firsts).toEqual(seqs(order.filter((item) => item.subject === subject)));
          expect(came).toEqual([...came].sort((a, b) => a - b));
        }
      }),
      { numRuns: 200 },
    );
  });
});
