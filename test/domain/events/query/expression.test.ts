import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../../../domain/events/query/evaluate.ts";
import { MAX_DEPTH, MAX_EXPRESSION, MAX_TERMS, parseExpression } from "../../../../domain/events/query/expression.ts";
import { DAY_OF_CALLS_MS, storedEvent } from "../stored-events.ts";

const EVENT = storedEvent({
  type: "dev.trunkline.call.answered.v1",
  atMs: DAY_OF_CALLS_MS,
  subject: "call-1",
  caller: "+4930123",
  status: "ok",
  data: { sipCode: 503, code: "486", note: 'a "b" c', nested: { "dotted.name": true, list: ["x", 7] }, nothing: null },
});

/** What a mistake is, or whether the event is so. */
function holds(text: string): boolean | { at: number; detail: string } {
  const parsed = parseExpression(text);
  return parsed.ok ? evaluate(parsed.value, EVENT) : parsed.error;
}

describe("[QRY-3] filter expressions", () => {
  it.each([
    ['type:"call.*" AND data.sipCode >= 500', true],
    ["callId = call-1", true],
    ["callId = call-2", false],
    ['caller = "+4930*"', true],
    ["caller = +4930*", true],
    ['caller = "*0123"', true],
    ['type = "*call.answered*"', true],
    ["caller != +4930123", false],
    ['caller != "+49*"', false],
    ["caller > +4", true],
    ["status = ok status = bad", false],
    ["status = ok callId = call-1", true],
    ["NOT status = bad", true],
    ["-status = ok", false],
    ["NOT (status = ok AND callId = call-2)", true],
    ["data.code = 486", true],
    ["data.code < 1000", true],
    ['data.code < "1000"', false],
    ["data.sipCode = 503.0", true],
    ['data.sipCode = "503"', true],
    ["data.note:b", true],
    [String.raw`data.note = 'a "b" c'`, true],
    [String.raw`data.note = "a \"b\" c"`, true],
    ['data.nested."dotted.name" = true', true],
    ["data.nested.list:x", true],
    ["data.nested.list:7", true],
    ["data.nested.list:y", false],
    ["data.nested.list.1 = 7", true],
    ["data.nested:list", true],
    ["data.nested.toString:*", false],
    ["data.sipCode:*", true],
    ["data.nothing:*", false],
    ["data.absent != 5", false],
    ["NOT data.absent = 5", true],
    ["callee:*", false],
    ["callee != x", false],
    ["time >= 2026-06-01T00:00:00Z", true],
    ["time > 2026-06-01T02:00:00+02:00", false],
    ['recordedTime = "2026-06-01T00:00:00.000Z"', true],
  ])("%s", (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it("binds OR tighter than AND, as AIP-160 has it", () => {
    expect(holds("status = bad AND callId = call-1 OR caller:*")).toBe(false);
    expect(holds("(status = bad AND callId = call-1) OR caller:*")).toBe(true);
  });

  it.each([
    ["", 0],
    ["status", 6],
    ["status =", 8],
    ["status = ok AND", 15],
    ["(status = ok", 12],
    ["status = ok)", 11],
    ["colour = red", 0],
    ["data = 5", 0],
    ['status = "ok', 9],
    ["time > yesterday", 7],
    ["time > 2026-02-30T00:00:00Z", 7],
    ["status = ok OR OR status = bad", 15],
    ["data..x = 1", 5],
  ])("tells where %j is wrong", (text, at) => {
    expect(holds(text)).toMatchObject({ at });
  });

  it("is bounded in length, depth and number", () => {
    expect(holds(`status = ${"x".repeat(MAX_EXPRESSION)}`)).toMatchObject({ at: MAX_EXPRESSION });
    expect(holds(`${"(".repeat(MAX_DEPTH)}status = ok${")".repeat(MAX_DEPTH)}`)).toBe(true);
    expect(holds(`${"(".repeat(MAX_DEPTH + 1)}status = ok${")".repeat(MAX_DEPTH + 1)}`)).toMatchObject({ at: MAX_DEPTH + 1 });
    const many = (count: number) => Array.from({ length: count }, () => "status:o").join(" ");
    expect(holds(many(MAX_TERMS))).toBe(true);
    expect(holds(many(MAX_TERMS + 1))).toMatchObject({ at: many(MAX_TERMS).length + 1 });
  });

  it("never throws, whatever it is given", () => {
    const words = fc.constantFrom(
      "type",
      "data.x",
      "=",
      "!=",
      ":",
      "(",
      ")",
      "-",
      "NOT",
      "AND",
      "OR",
      '"',
      "'",
      "\\",
      "*",
      " ",
      "x",
      ".",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary-ascii", maxLength: 60 }),
      fc.array(words, { maxLength: 40 }).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const answer = holds(text);
        expect(typeof answer === "boolean" || (answer.at >= 0 && answer.at <= text.length)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
