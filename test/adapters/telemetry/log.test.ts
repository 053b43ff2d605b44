import { describe, expect, it } from "vitest";
import { createLog, errorFields } from "../../../adapters/telemetry/log.ts";

describe("[OBS-3] an error in a log", () => {
  it("[OBS-3] is its kind and where it was thrown, without what it was about", () => {
    let thrown: unknown;
    try {
      JSON.parse("+493012345678 maria");
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain("12345678");
    const fields = errorFields(thrown);
    expect(fields).toMatchObject({ error: "SyntaxError", stack: expect.stringContaining("log.test.ts") as string });
    expect(JSON.stringify(fields)).not.toMatch(/maria|12345678/);
    expect(errorFields(new Error("Maria\nand a line more\nat home"))).not.toMatchObject({
      stack: expect.stringMatching(/Maria|line more|home/) as string,
    });
    expect(errorFields("Maria")).toEqual({ error: "unknown" });
  });
});

describe("[OBS-4] a log line", () => {
  it("is one JSON object on one line, with the fields of its component", () => {
    const lines: string[] = [];
    const log = createLog({ component: "gate", lane: "emergency" }, (line) => lines.push(line));
    log("warn", "the log did not answer", { failures: 2, detail: 'a\n"b"', nothing: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
    expect(JSON.parse(lines[0]!)).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      level: "warn",
      message: "the log did not answer",
      component: "gate",
      lane: "emergency",
      failures: 2,
      detail: 'a\n"b"',
    });
  });
});
