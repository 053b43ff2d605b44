import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntakeIds } from "../../../domain/events/intake-ids.ts";
import { INTAKE_EPOCH, laneOf, parseEventId, shardOfEventId, timeOfId } from "../../../domain/shared/ids.ts";

const SHARD = { epoch: INTAKE_EPOCH, number: 201 };
const random = Uint8Array.from({ length: 16 }, (_, index) => index * 37);

describe("[ING-4] ids of an intake shard", () => {
  it("grow whatever the clock does, and go on from the last after a restart", () => {
    const clock = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.boolean()), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(clock, (steps) => {
        let ids = new IntakeIds("standard", SHARD, null, random);
        let [nowMs, last] = [1_700_000_000_000, ""];
        for (const [step, restarts] of steps) {
          nowMs += step - 1;
          const id = ids.next(nowMs);
          expect(id > last).toBe(true);
          expect(timeOfId(id)).toBe(ids.ms);
          if (restarts) ids = new IntakeIds("standard", SHARD, id, random);
          last = id;
        }
      }),
    );
  });

  it("go into the next millisecond when one has no more", () => {
    const ids = new IntakeIds("standard", SHARD, null, random);
    const made = Array.from({ length: 5_000 }, () => ids.next(1_700_000_000_000));
    expect(new Set(made).size).toBe(5_000);
    expect(made.toSorted()).toEqual(made);
    expect(timeOfId(made[4_096]!)).toBe(1_700_000_000_001);
  });

  it("are event ids that tell lane and shard", () => {
    for (const lane of ["standard", "emergency"] as const) {
      const id = new IntakeIds(lane, SHARD, null, random).next(1_700_000_000_000);
      expect(parseEventId(id).ok).toBe(true);
      expect([laneOf(id), shardOfEventId(id)]).toEqual([lane, SHARD]);
    }
  });
});
