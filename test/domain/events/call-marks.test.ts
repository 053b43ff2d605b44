import { describe, expect, it } from "vitest";
import { isOfSession } from "../../../domain/events/call-marks.ts";
import { IntakeIds } from "../../../domain/events/intake-ids.ts";
import { INTAKE_EPOCH, nextEventId } from "../../../domain/shared/ids.ts";

const ATMS = Date.parse("2026-03-01T12:00:00.000Z");
const random = new Uint8Array(16).fill(7);
const source = "/tenants/acme/calls";
const bySession = nextEventId({ ms: 0, counter: 0 }, ATMS, random, "standard", { epoch: 3, number: 1 }).id;
const byApi = new IntakeIds("standard", { epoch: INTAKE_EPOCH, number: 1 }, null, random).next(ATMS);

describe("[ING-9] a session's own word", () => {
  it("is told by the id that the store made, whatever else an event of the API says", () => {
    expect(isOfSession({ id: bySession, source })).toBe(true);
    expect(isOfSession({ id: byApi, source })).toBe(false);
    expect(isOfSession({ id: bySession, source: "/pbx/1" })).toBe(false);
  });
});
