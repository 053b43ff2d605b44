import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Q850_CAUSES, SIP_RESPONSES } from "../../../domain/call/cause-table.ts";
import { dispositionOf, networkFailed, q850Of, sipCodeOf } from "../../../domain/call/causes.ts";
import { ALLOWED_REROUTE_CAUSES, EMERGENCY_REROUTE_CAUSES, REROUTE_CAUSES } from "../../../domain/routing/plan.ts";

const sip = (sipCode: number | null, q850: number | null = null) => ({ sipCode, q850 });

/** Rows of the table under a heading of the page, cells trimmed. */
function documented(heading: string): readonly (readonly string[])[] {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/causes.md"), "utf8");
  const section = page.slice(page.indexOf(`## ${heading}\n`)).split(/\n## /)[0] ?? "";
  return section
    .split("\n")
    .filter((line) => /^\| \d/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}

const yes = (value: true | undefined): string => (value === true ? "yes" : "");
const orDash = (value: number | null): string => (value === null ? "–" : String(value));

describe("docs/causes.md", () => {
  it("shows the SIP responses as the code has them", () => {
    expect(documented("SIP responses")).toEqual(
      SIP_RESPONSES.map(({ code, name, rfc, disposition, q850, network, vague }) => [
        String(code),
        name,
        String(rfc),
        `\`${disposition}\``,
        orDash(q850),
        yes(network),
        yes(vague),
      ]),
    );
  });

  it("shows the Q.850 causes as the code has them", () => {
    expect(documented("Q.850 causes")).toEqual(
      Q850_CAUSES.map(({ cause, name, disposition, sip: code, network, vague }) => [
        String(cause),
        name,
        `\`${disposition}\``,
        orDash(code),
        yes(network),
        yes(vague),
      ]),
    );
  });
});

describe("[CALL-7] the disposition of a call that failed", () => {
  it.each([
    [486, "busy"],
    [600, "busy"],
    [408, "no_answer"],
    [480, "no_answer"],
    [487, "cancelled"],
    [403, "declined"],
    [433, "declined"],
    [603, "declined"],
    [607, "declined"],
    [608, "declined"],
    [404, "not_found"],
    [410, "not_found"],
    [484, "not_found"],
    [604, "not_found"],
    [500, "unreachable"],
    [503, "unreachable"],
    [488, "unreachable"],
    [499, "unreachable"],
    [699, "unreachable"],
    [200, "unreachable"],
    [null, "unreachable"],
  ])("after %s alone is %s", (sipCode, disposition) => {
    expect(dispositionOf(sip(sipCode))).toBe(disposition);
  });

  it.each([
    [500, 17, "busy"],
    [503, 1, "not_found"],
    [503, 21, "declined"],
    [480, 34, "unreachable"],
    [480, 22, "not_found"],
    [480, 20, "no_answer"],
    [400, 28, "not_found"],
    [499, 17, "busy"],
    [null, 17, "busy"],
    [null, 19, "no_answer"],
    [null, 31, "no_answer"],
    [null, 16, "cancelled"],
    [null, 77, "unreachable"],
  ])("after %s with cause %s is %s: the more precise one counts", (sipCode, q850, disposition) => {
    expect(dispositionOf(sip(sipCode, q850))).toBe(disposition);
  });

  it.each([
    [486, 34, "busy"],
    [603, 17, "declined"],
    [404, 127, "not_found"],
    [487, 17, "cancelled"],
    [480, 31, "no_answer"],
    [500, 31, "unreachable"],
    [503, 16, "unreachable"],
    [503, 77, "unreachable"],
    [499, 31, "unreachable"],
  ])(
    "after %s with cause %s is %s: a precise code is not overruled, and a vague cause says nothing",
    (sipCode, q850, disposition) => {
      expect(dispositionOf(sip(sipCode, q850))).toBe(disposition);
    },
  );
});

describe("[RTE-5] whether the network failed", () => {
  it("is, by SIP code, what calls are rerouted for by default", () => {
    const failed = SIP_RESPONSES.filter(({ code }) => networkFailed(sip(code))).map(({ code }) => code);
    expect(failed).toEqual(REROUTE_CAUSES.filter((cause) => typeof cause === "number"));
    expect(networkFailed(sip(null))).toBe(true);
  });

  it("takes the cause into account where the SIP code is vague", () => {
    expect(networkFailed(sip(503, 17))).toBe(false);
    expect(networkFailed(sip(480, 34))).toBe(true);
    expect(networkFailed(sip(486, 34))).toBe(false);
    expect(networkFailed(sip(499))).toBe(false);
  });

  it("is never so when a person declined or was busy", () => {
    const asked = [...SIP_RESPONSES, ...Q850_CAUSES].filter(
      ({ disposition }) => disposition === "declined" || disposition === "busy",
    );
    expect(asked.filter(({ network }) => network === true)).toEqual([]);
  });

  it("knows every code that a rule may reroute for", () => {
    const codes = [...ALLOWED_REROUTE_CAUSES, ...EMERGENCY_REROUTE_CAUSES].filter((cause) => typeof cause === "number");
    expect(codes.filter((code) => !SIP_RESPONSES.some((row) => row.code === code))).toEqual([]);
  });
});

describe("SIP codes and causes", () => {
  it.each([
    [1, 404],
    [16, null],
    [17, 486],
    [18, 408],
    [19, 480],
    [21, 403],
    [22, 410],
    [27, 502],
    [28, 484],
    [34, 503],
    [55, 403],
    [65, 488],
    [79, 501],
    [102, 504],
    [127, 500],
    [77, 500],
  ])("cause %s is said as %s in SIP", (q850, code) => {
    expect(sipCodeOf(q850)).toBe(code);
  });

  it.each([
    [404, 1],
    [408, 102],
    [410, 22],
    [480, 18],
    [482, 25],
    [486, 17],
    [487, null],
    [500, 41],
    [502, 38],
    [503, 41],
    [600, 17],
    [603, 21],
    [499, 127],
  ])("%s is said as cause %s in Q.850", (code, q850) => {
    expect(q850Of(code)).toBe(q850);
  });

  it("name each other's rows, each row once, in order", () => {
    const codes = SIP_RESPONSES.map(({ code }) => code);
    const causes = Q850_CAUSES.map(({ cause }) => cause);
    expect(codes).toEqual([...new Set(codes)].toSorted((a, b) => a - b));
    expect(causes).toEqual([...new Set(causes)].toSorted((a, b) => a - b));
    expect(SIP_RESPONSES.filter(({ q850 }) => q850 !== null && !causes.includes(q850))).toEqual([]);
    expect(Q850_CAUSES.filter(({ sip: code }) => code !== null && !codes.includes(code))).toEqual([]);
  });

  it("keep what became of the call on the way there and back, where the person decided", () => {
    const decided = SIP_RESPONSES.filter(({ disposition }) => ["busy", "declined", "not_found"].includes(disposition));
    expect(decided.map(({ code, q850 }) => [code, dispositionOf(sip(null, q850))])).toEqual(
      decided.map(({ code, disposition }) => [code, disposition]),
    );
  });
});
