import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replayJson } from "../../../contracts/session-replay.ts";
import { sessionJson } from "../../../contracts/sessions.ts";
import { NO_ANNOTATIONS } from "../../../domain/call/annotations.ts";
import { type Replayed, replay } from "../../../domain/call/replay.ts";
import { formatAddress } from "../../../domain/numbers/address.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import type { SessionRow } from "../../../durable-objects/call-session/row.ts";
import { viewOf } from "../../../durable-objects/call-session/view.ts";
import { timeline } from "../sessions/timelines.ts";

const lives = timeline(["left" as TenantId, "right" as TenantId]);

const RUNS = { numRuns: 250 };

/** What the row holds, as far as events tell of it. */
function heldBy(row: SessionRow): Record<string, unknown> {
  const { announced, recorded, direction, state, annotations, createdMs, newsMs, sequence, call, plan, tried } = viewOf(row);
  return {
    announced,
    recorded,
    direction,
    state,
    annotations,
    createdMs,
    newsMs,
    sequence,
    tried: tried ?? null,
    from: call === null ? null : formatAddress(call.from),
    to: call === null ? null : formatAddress(call.to),
    metadata: call?.metadata ?? {},
    ruleId: plan?.ruleId ?? null,
    destinations: plan?.destinations.map(({ id }) => id) ?? null,
  };
}

function replayedAs(replayed: Replayed | null): Record<string, unknown> | null {
  if (replayed === null) return null;
  const { call, plan, metadata, complete: _, ...told } = replayed;
  return {
    ...told,
    from: call?.["from"] ?? null,
    to: call?.["to"] ?? null,
    metadata,
    ruleId: plan?.["ruleId"] ?? null,
    destinations: plan?.["destinations"] ?? null,
  };
}

describe("[VCON-2] a session replayed", () => {
  it("is at every commit of its life what its row held, by its events up to then", () => {
    fc.assert(
      fc.property(lives, ({ commits, events }) => {
        for (const { row, events: soFar } of commits) {
          const held = heldBy(row);
          expect(replayedAs(replay(soFar, null))).toEqual(held);
          expect(replayedAs(replay(events, { by: "sequence", sequence: row.sequence }))).toEqual(held);
        }
      }),
      RUNS,
    );
  });

  it("is at every recorded time what its row held after the last commit by then", () => {
    fc.assert(
      fc.property(lives, ({ commits, events }) => {
        for (const { row } of commits) {
          const atMs = row.newsMs;
          const held = commits.findLast((commit) => commit.row.newsMs <= atMs)!;
          expect(replayedAs(replay(events, { by: "recorded", atMs }))).toEqual(heldBy(held.row));
          expect(replay(events, { by: "recorded", atMs: row.createdMs - 1 })).toBeNull();
        }
      }),
      RUNS,
    );
  });

  it("is the same whatever the order and repetition of events", () => {
    const shuffled = lives.chain((life) =>
      fc.tuple(
        fc.constant(life),
        fc.shuffledSubarray([...life.events], { minLength: life.events.length }),
        fc.subarray([...life.events]),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([{ events }, once, again]) => {
        expect(replay([...again, ...once], null)).toEqual(replay(events, null));
      }),
      RUNS,
    );
  });

  it("shows the record as it was, with what events tell of the plan", () => {
    fc.assert(
      fc.property(lives, ({ commits }) => {
        for (const { row, events } of commits) {
          const view = viewOf(row);
          const { plan, archived: _, ...record } = sessionJson(view);
          const { plan: told, destination: _destination, complete, ...shown } = replayJson(view, replay(events, null)!);
          expect(shown).toEqual(record);
          expect(told === null).toBe(plan === null);
          expect(complete).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("goes by when things happened, too: what was told late counts from when it was", () => {
    fc.assert(
      fc.property(lives, fc.nat({ max: 60_000 }), ({ events }, afterMs) => {
        const atMs = Date.parse(events[0]!.time) + afterMs;
        const known = events.filter(({ time }) => Date.parse(time) <= atMs);
        expect(replay(events, { by: "occurred", atMs })).toEqual(replay(known, null));
      }),
      { numRuns: 200 },
    );
  });

  it("says when something is missing", () => {
    fc.assert(
      fc.property(
        lives.filter(({ events }) => events.length > 1),
        fc.nat(),
        ({ events }, index) => {
          const without = events.toSpliced(index % (events.length - 1), 1);
          expect(replay(without, null)!.complete).toBe(false);
          expect(replay([{ ...events[0]!, data: {}, erased: "an erasure" } as never, ...events.slice(1)], null)!.complete).toBe(
            false,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("sees ends, changes and commands at all", () => {
    const replays = fc.sample(lives, { numRuns: 300, seed: 4 }).map(({ events }) => replay(events, null)!);
    const some = (is: (each: Replayed) => boolean) => replays.filter(is).length;
    expect(some(({ state }) => state.endedAtMs !== null)).toBeGreaterThan(50);
    expect(some(({ recorded }) => recorded)).toBeGreaterThan(10);
    expect(some(({ annotations }) => annotations !== NO_ANNOTATIONS)).toBeGreaterThan(50);
    expect(some(({ state }) => state.phase === "queued")).toBeGreaterThan(0);
  });
});
