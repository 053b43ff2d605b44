import { describe, expect, it } from "vitest";
import { shardName, shardOfSession } from "../../../domain/events/shards.ts";
import { sessionId } from "../call/fixtures.ts";

describe("[EVT-14] a call's shard", () => {
  it("is one of its epoch's, and every shard gets its share", () => {
    const shards = 16;
    const counts = Array.from({ length: shards }, () => 0);
    for (let seed = 0; seed < 16_000; seed++) {
      const { epoch, number } = shardOfSession(sessionId(seed * 7_919), { epoch: 2, shards });
      expect(epoch).toBe(2);
      counts[number]! += 1;
    }
    for (const count of counts) {
      expect(count).toBeGreaterThan(800);
      expect(count).toBeLessThan(1_200);
    }
  });

  it("has a name that tells region, epoch and number", () => {
    expect(shardName("eu", { epoch: 1, number: 12 })).toBe("eu-1-12");
  });
});
