import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLog, maskAddress } from "../../../adapters/telemetry/log.ts";
import { PROFILES } from "../../domain/numbers/profiles.ts";
import { formatAddress, parseAddress } from "../../../domain/numbers/address.ts";

describe("[OBS-3] an address in a log", () => {
  it.each([
    ["+15551230001", "+15*******01"],
    ["15551230001", "155******01"],
    ["112", "112"],
    ["4711", "4711"],
    ["sip:+15551230001@gw.example", "sip:***"],
    ["sips:bob@example.com;user=phone", "sips:***"],
    ["tel:+15551230001", "tel:***"],
    ["urn:service:sos", "urn:***"],
    ["anonymous", "anonymous"],
    ["Bob <sip:bob@example.com>", "***"],
    ["+1 555 123 0001", "***"],
    ["SIP:bob@example.com", "***"],
    ["", "***"],
    ["anonymous\n+15551230001", "***"],
    ["sip:a\n+15551230001", "sip:***"],
    ["٠٠٤٩١٧٠١٢٣٤٥٦", "***"],
  ])("%j is written %s", (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });

  it("never shows a number in full, or more than three digits of it in a row", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 7, maxLength: 15 });
    fc.assert(
      fc.property(digits, fc.constantFrom("", "+", "tel:", "sip:", "tel:+", "sip:+"), (number, before) => {
        const masked = maskAddress(before + number);
        expect(masked).not.toContain(number);
        expect(masked).not.toMatch(/\d{4}/);
      }),
    );
  });

  it("never shows more of a canonical address than its kind or the ends of its number", () => {
    const raw = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."0123456789+"), minLength: 8, maxLength: 16 }),
      fc
        .string({ unit: fc.constantFrom(..."abz019.-_"), minLength: 1, maxLength: 12 })
        .map((user) => `sip:${user}@host.example`),
    );
    fc.assert(
      fc.property(raw, fc.constantFrom(...PROFILES), (text, profile) => {
        const parsed = parseAddress(text, profile, "caller");
        fc.pre(parsed.ok);
        if (!parsed.ok) return;
        const written = formatAddress(parsed.value);
        fc.pre(written.length > 6 && written !== "anonymous");
        expect(maskAddress(written)).not.toBe(written);
        expect(maskAddress(written)).toContain("*");
      }),
    );
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
