import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IN_FORCE_MS } from "../../../../adapters/r2/snapshot-cache.ts";
import { LOST_MS } from "../../../../adapters/r2/snapshot-level.ts";
import { type Fault, NO_ACCESS, World, timed } from "./world.ts";

const RUNS = 25;
const ISOLATES = 2;

beforeEach(
  () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: Date.parse("2026-11-22T10:00:00Z") }),
);
afterEach(() => void vi.useRealTimers());

const fault = fc.constantFrom<Fault>(null, null, "fails", "hangs", { afterMs: 120 }, { afterMs: 400 });
const step = fc.oneof(
  fc.record({ tag: fc.constant("publish" as const) }),
  fc.record({ tag: fc.constant("pass" as const), ms: fc.constantFrom(500, 3_000, 9_000, 20_000) }),
  fc.record({ tag: fc.constant("break" as const), what: fc.constantFrom("bucket", "place", "keeper"), fault }),
  fc.record({ tag: fc.constant("call" as const), isolate: fc.nat(ISOLATES - 1) }),
  fc.record({ tag: fc.constant("call" as const), isolate: fc.nat(ISOLATES - 1) }),
);

describe("an isolate, whatever fails when", () => {
  it("[RES-4] never goes back to an older version, knows none that was not in force, and has the newest when all is well again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 18 }), async (steps) => {
        const world = new World();
        const isolates = Array.from({ length: ISOLATES }, () => world.isolate());
        const seen: string[] = isolates.map(() => "");
        const published = [await world.publish("host0.example")];
        const call = async (at: number): Promise<string> => {
          const isolate = isolates[at]!;
          const { value } = await timed(isolate.version());
          // Versions sort by time. What an isolate has had once it has from then on.
          const isNoOlder = value === "unavailable" ? seen[at] === "" : published.includes(value) && value >= seen[at]!;
          expect(isNoOlder ? "no older" : `${value} after ${seen[at]}`).toBe("no older");
          if (value !== "unavailable") seen[at] = value;
          await timed(isolate.settle());
          return value;
        };
        for (const each of steps) {
          if (each.tag === "publish") published.push(await world.publish(`host${published.length}.example`, NO_ACCESS));
          else if (each.tag === "pass") vi.advanceTimersByTime(each.ms);
          else if (each.tag === "break")
            Object.assign(world[each.what as "bucket" | "place" | "keeper"], { fault: each.fault });
          else await call(each.isolate);
        }
        for (const part of [world.bucket, world.place, world.keeper]) part.fault = null;
        vi.advanceTimersByTime(LOST_MS + IN_FORCE_MS);
        for (let at = 0; at < ISOLATES; at++) expect(await call(at)).toBe(published.at(-1));
      }),
      { numRuns: RUNS },
    );
  });
});
