import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { continueTrace, traceIdOf } from "../../../adapters/telemetry/trace.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const RANDOM = Uint8Array.from({ length: 24 }, (_, index) => index + 1);
const WELL_FORMED = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

describe("[OBS-5] the trace of a request", () => {
  it("goes on under its own id with a span of ours", () => {
    const trace = continueTrace(`00-${TRACE}-${SPAN}-00`, RANDOM);
    expect(trace).toEqual({ traceId: TRACE, traceparent: `00-${TRACE}-1112131415161718-00` });
    expect(traceIdOf(trace.traceparent)).toBe(TRACE);
    expect(continueTrace(`00-${TRACE}-${SPAN}-01`, RANDOM).traceparent).toMatch(/-01$/);
  });

  it.each([
    null,
    "",
    "junk",
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01-extra`,
    `00-${TRACE}-${SPAN}-01\n`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
  ])("starts anew where the header is %j (W3C Trace Context §3.2)", (header) => {
    expect(continueTrace(header, RANDOM)).toEqual({
      traceId: "0102030405060708090a0b0c0d0e0f10",
      traceparent: "00-0102030405060708090a0b0c0d0e0f10-1112131415161718-01",
    });
  });

  it("is always well formed", () => {
    const header = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
    );
    fc.assert(
      fc.property(header, (text) => {
        const { traceparent, traceId } = continueTrace(text, RANDOM);
        expect(traceparent).toMatch(WELL_FORMED);
        expect(traceIdOf(traceparent)).toBe(traceId);
      }),
    );
  });

  it("has no id where there is no trace", () => {
    expect(traceIdOf("")).toBe("");
    expect(traceIdOf("junk")).toBe("");
  });
});
