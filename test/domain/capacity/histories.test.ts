import fc from "fast-check";
import { describe, it } from "vitest";
import { histories, play } from "./histories.ts";

const HISTORIES = 400;

describe("[CAP-6] whatever happens to a tenant's calls, the clock and the object", () => {
  it("no more begin and no more are at once than is allowed, and none is refused for nothing", () => {
    fc.assert(fc.property(histories, play), { numRuns: HISTORIES });
  });
});
