/** A short round of `npm run chaos`: some faults, some seconds each, on one system. Times are measured there, not here. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAULTS } from "../chaos/faults.ts";
import { keptChecks } from "../chaos/judge.ts";
import { playRound } from "../chaos/round.ts";
import { type ChaosStage, setChaosStage } from "../chaos/stage.ts";
import { freePair } from "./harness.ts";

const START_DEADLINE_MS = 120_000;
const ROUND = { standardPerS: 5, emergencyPerS: 5, undisturbedMs: 500, faultMs: 4_000 };

let stage: ChaosStage;

beforeAll(async () => {
  // Other tests run at the same time: nobody gets a processor for itself.
  stage = await setChaosStage({ port: await freePair(), divided: false });
}, START_DEADLINE_MS);

afterAll(async () => {
  await stage.end();
});

describe("[RES-7] while something is broken", () => {
  it.each(["postgres-down", "r2-down", "do-overloaded", "standard-hang"])(
    "%s: every emergency call has somewhere to go, and nothing acknowledged is lost [RES-8]",
    async (name) => {
      const round = await playRound(stage, FAULTS[name]!, ROUND);
      const { fault, repaired } = round.figures.emergency;
      expect(fault.routed).toBe(fault.calls);
      expect(repaired.routed).toBe(repaired.calls);
      expect(fault.calls).toBeGreaterThan(10);
      expect(keptChecks(round).filter(({ holds }) => !holds)).toEqual([]);
    },
  );
});
