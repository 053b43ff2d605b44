import { describe, expect, it } from "vitest";
import { formatAddress, MAX_ADDRESS_LENGTH, parseAddress, routingKey } from "../../../domain/numbers/address.ts";
import type { AddressProblem, AddressRole } from "../../../domain/numbers/address.ts";
import type { DialProfile } from "../../../domain/numbers/dial-profile.ts";
import { AR, AU, CUSTOM, DE, DE_PBX, ES, GB, IN, IT, US, US_PBX } from "./profiles.ts";

/** The canonical text, or the code of the problem in angle brackets. */
function read(raw: string, profile: DialProfile, role: AddressRole = "callee"): string {
  const result = parseAddress(raw, profile, role);
  return result.ok ? `${result.value.kind} ${formatAddress(result.value)}` : `<${result.error.code}>`;
}

describe("[NUM-1] any written form becomes E.164 by the dial profile", () => {
  const cases: readonly (readonly [string, DialProfile, string])[] = [
    ["+15551230001", DE, "+15551230001"],
    ["+1 (555) 123-0001", DE, "+15551230001"],
    ["+1.555.123.0001", US, "+15551230001"],
    ["(+1) 555/123/0001", US, "+15551230001"],
    ["1-555-123-0001", US, "+15551230001"],
    ["555 123 0001", US, "+15551230001"],
    ["123-0001", US, "+15551230001"],
    ["15551230001", US, "+15551230001"],
    ["011 49 30 1234567", US, "+49301234567"],
    ["+49 (0)30 1234567", US, "+49301234567"],
    ["+49 ( 0 ) 30 1234567", US, "+49301234567"],
    ["011 49 (0)30 1234567", US, "+49301234567"],
    ["+49 030 1234567", US, "+49301234567"],
    ["0049 30 1234567", DE, "+49301234567"],
    ["030 / 123 45 67", DE, "+49301234567"],
    ["(030) 1234567", DE, "+49301234567"],
    ["1234567", DE, "+49301234567"],
    ["0171 1234567", DE, "+491711234567"],
    ["4930123456789", { country: "DE" }, "+4930123456789"],
    ["020 7946 0123", GB, "+442079460123"],
    ["7946 0123", GB, "+442079460123"],
    ["07911 123456", GB, "+447911123456"],
    ["7911 123456", GB, "+447911123456"],
    ["+44 (0) 20 7946 0123", DE, "+442079460123"],
    ["98123 45678", IN, "+919812345678"],
    ["022 2345 6789", IN, "+912223456789"],
    ["2345 6789", IN, "+912223456789"],
    ["06 1234 5678", IT, "+390612345678"],
    ["+39 06 1234 5678", US, "+390612345678"],
    ["+39 (0)6 1234 5678", US, "+390612345678"],
    ["91 123 45 6", ES, "<impossible_number>"],
    ["911 23 45 67", ES, "+34911234567"],
    ["0412 345 678", AU, "+61412345678"],
    ["412 345 678", AU, "+61412345678"],
    ["9876 5432", AU, "+61298765432"],
    ["011 15 2345 6789", AR, "+5491123456789"],
    ["99 1 555 123 0001", CUSTOM, "+15551230001"],
    ["8 30 1234567", CUSTOM, "+49301234567"],
    ["+800 1234 5678", US, "+80012345678"],
    ["＋１ ５５５ １２３ ０００１", DE, "+15551230001"],
    ["+١٥٥٥١٢٣٠٠٠١", DE, "+15551230001"],
    ["۰۳۰ ۱۲۳۴۵۶۷", DE, "+49301234567"],
    ["\u202a+1\u00a0555\u2011123\u20130001\u202c", DE, "+15551230001"],
    ["\t +1 555 123 0001\r\n", DE, "+15551230001"],
  ];
  it.each(cases)("%j by %o is %s", (raw, profile, expected) => {
    expect(read(raw, profile)).toBe(expected.startsWith("<") ? expected : `e164 ${expected}`);
  });

  it.each([
    ["9 1 555 123 0001", US_PBX, "e164 +15551230001"],
    ["9 011 49 30 1234567", US_PBX, "e164 +49301234567"],
    ["9 123 0001", US_PBX, "e164 +15551230001"],
    ["917 555 1234", US_PBX, "e164 +19175551234"],
    ["9 411", { ...US_PBX, extensionLength: { min: 3, max: 3 } }, "short 411"],
    ["0 030 1234567", DE_PBX, "e164 +49301234567"],
    ["0 00 1 555 123 0001", DE_PBX, "e164 +15551230001"],
    ["0 1234567", DE_PBX, "e164 +49301234567"],
    ["0 116117", DE_PBX, "short 116117"],
  ] as const)("strips the outside prefix of a callee: %j by %o is %s", (raw, profile, expected) => {
    expect(read(raw, profile)).toBe(expected);
  });

  it("reads a caller's number as presented, before it looks for an outside prefix", () => {
    expect(read("030 1234567", DE_PBX, "caller")).toBe("e164 +49301234567");
    expect(read("9 1 555 123 0001", US_PBX, "caller")).toBe("e164 +15551230001");
  });

  it("does not strip a digit that no profile calls an outside prefix", () => {
    expect(read("9 1 555 123 0001", US)).toBe("<impossible_number>");
  });

  it.each([
    ["tel:+1-555-123-0001", US, "+15551230001"],
    ["TEL:+1(555)123.0001;ext=42;isub=7", US, "+15551230001"],
    ["tel:5551230001;phone-context=example.com", US, "+15551230001"],
    ["tel:123-0001;phone-context=+1-555", DE, "+15551230001"],
    ["tel:7042;phone-context=+1-914-555", DE, "+19145557042"],
    ["sip:+15551230001@carrier.example;user=phone", DE, "+15551230001"],
    ["sip:%2B1-555-123-0001@carrier.example:5060;transport=tcp;USER=Phone", DE, "+15551230001"],
    ["sips:030-1234567;phone-context=example.com@carrier.example;user=phone", DE, "+49301234567"],
  ] as const)("%s is %s's %s", (raw, profile, expected) => {
    expect(read(raw, profile)).toBe(`e164 ${expected}`);
  });
});

describe("[NUM-2] short codes are recognised before normalisation", () => {
  it.each([
    ["112", DE, "112"],
    ["9-1-1", US, "911"],
    ["9911", US_PBX, "911"],
    ["0112", DE_PBX, "112"],
    ["201", US_PBX, "201"],
    ["2001", US_PBX, "2001"],
    ["9 201", { ...US_PBX, extensionLength: { min: 3, max: 3 } }, "201"],
    ["9201", US_PBX, "9201"],
    ["tel:116117;phone-context=+49", DE, "116117"],
    ["12", DE_PBX, "12"],
    ["110", DE, "110"],
    ["116 117", DE, "116117"],
    ["118118", { ...GB, areaCode: "1234" }, "118118"],
    ["116117", IT, "116117"],
    ["411", US, "411"],
    ["24680", US, "24680"],
    ["tel:201;phone-context=pbx.example", US_PBX, "201"],
    ["tel:112;phone-context=+49", DE, "112"],
    ["sip:201@pbx.example;user=phone", US_PBX, "201"],
  ] as const)("%j by %o is %s", (raw, profile, digits) => {
    expect(parseAddress(raw, profile, "callee")).toEqual({ ok: true, value: { kind: "short", digits } });
  });

  it("completes four to six digits that are a subscriber's number with the area code", () => {
    expect(read("234567", { country: "GB", areaCode: "1234" })).toBe("e164 +441234234567");
  });
});

describe("[NUM-3] URIs stay URIs", () => {
  it.each([
    ["sip:bob@EXAMPLE.com", "sip:bob@example.com", "bob@example.com"],
    [
      "SIPS:Bob@Example.Com.:5061;transport=TCP;lr?Subject=x%20y&Priority=urgent",
      "sips:Bob@example.com:5061;transport=TCP;lr?Subject=x%20y&Priority=urgent",
      "Bob@example.com",
    ],
    ["sip:alice:secret@atlanta.example", "sip:alice:secret@atlanta.example", "alice@atlanta.example"],
    ["sip:%62ob%2f1@example.com", "sip:bob%2F1@example.com", "bob%2F1@example.com"],
    ["sip:192.0.2.10:5080", "sip:192.0.2.10:5080", "192.0.2.10"],
    ["sip:bob@[2001:DB8::1]:5060", "sip:bob@[2001:db8::1]:5060", "bob@[2001:db8::1]"],
    ["sip:bob@[::ffff:192.0.2.1]", "sip:bob@[::ffff:192.0.2.1]", "bob@[::ffff:192.0.2.1]"],
    ["sip:+15551230001@example.com", "sip:+15551230001@example.com", "+15551230001@example.com"],
    ["sip:bob@example.com;user=phone", "sip:bob@example.com;user=phone", "bob@example.com"],
    ["sip:112@example.com", "sip:112@example.com", "112@example.com"],
    ["urn:service:sos", "urn:service:sos", "urn:service:sos"],
    ["URN:Service:SOS.Ambulance", "urn:service:sos.ambulance", "urn:service:sos.ambulance"],
  ])("%s → %s, key %s", (raw, canonical, key) => {
    const result = parseAddress(raw, US, "callee");
    if (!result.ok) throw new Error(result.error.detail);
    expect([formatAddress(result.value), routingKey(result.value)]).toEqual([canonical, key]);
  });

  it.each([
    ['"Bob" <sip:bob@example.com>', "sip sip:bob@example.com"],
    ['"B \\"<x>\\" ob"<sip:bob@example.com>;tag=77', "sip sip:bob@example.com"],
    ["Bob Jones <tel:+15551230001>", "e164 +15551230001"],
    ["<sip:+15551230001@example.com;user=phone>", "e164 +15551230001"],
    ["Bob <+1 555 123 0001>", "e164 +15551230001"],
  ])("a caller's header form %s is %s", (raw, expected) => {
    expect(read(raw, US, "caller")).toBe(expected);
    expect(read(raw, US, "callee")).toBe("<bad_uri>");
  });

  it.each([
    "anonymous",
    "Anonymous",
    "UNKNOWN",
    "restricted",
    "private",
    "sip:anonymous@anonymous.invalid",
    "sip:anonymous.invalid",
    "sip:@anonymous.invalid",
    '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1',
    "sip:restricted@unknown.invalid",
  ])("%s is an anonymous caller", (raw) => {
    expect(read(raw, US, "caller")).toBe("anonymous anonymous");
  });

  it("refuses an anonymous callee by its own code", () => {
    expect(read("anonymous", US)).toBe("<anonymous_callee>");
    expect(read("sip:anonymous@anonymous.invalid", US)).toBe("<anonymous_callee>");
    expect(read("sip:@anonymous.invalid", US)).toBe("<anonymous_callee>");
    expect(read("sip:anonymous@mail.example", US)).toBe("sip sip:anonymous@mail.example");
  });
});

describe("[NUM-4] malformed input is a problem value", () => {
  const cases: readonly (readonly [AddressProblem["code"], readonly string[]])[] = [
    ["empty", ["", "   ", "\u200f\u202a\n"]],
    ["too_long", ["1".repeat(MAX_ADDRESS_LENGTH + 1), "9".repeat(10_240), `sip:${"a".repeat(10_240)}@x`]],
    [
      "not_a_number",
      [
        "1-800-FLOWERS",
        "📞",
        "555 123 ☎ 0001",
        "+",
        "()",
        "555\u0000123",
        "555\n1230001",
        "*98",
        "#31#5551230001",
        "+1+5551230001",
        "555-123-0001 x12",
        "5551230001,,12",
        "bob@example.com",
        "tel:+1-555-FLOWERS",
        "½",
        "²³⁴",
      ],
    ],
    [
      "bad_uri",
      [
        "sip:",
        "sip:@example.com",
        "sip:bob@",
        "sip:bob@exa mple.com",
        "sip:bob@-x.example",
        "sip:bob@1.2.3.256",
        "sip:bob@1.2.3",
        "sip:bob@[::1",
        "sip:bob@[1::2::3]",
        "sip:bob@[1:2:3]",
        "sip:bob@[1.2.3.4::]",
        "sip:bob@x:0",
        "sip:bob@x:65536",
        "sip:bob@x:",
        "sip:bob@x:5060a",
        "sip:bob@x;;lr",
        "sip:bob@x;lr;LR",
        "sip:bob@x;a=",
        "sip:b%4@x",
        "sip:b%zzob@x",
        "sip:bob@x?",
        "sip:bob@x?a",
        "sip:bób@x",
        "sip:bob<@x",
        "sip:a@b@c",
        "tel:",
        "tel:;ext=1",
        "tel:+15551230001;",
        "tel:+15551230001;ext=",
        "tel:5551230001;phone-context",
        "tel:5551230001;phone-context=+",
        "tel:5551230001;phone-context=-",
        "tel:+15551230001;ext=1;ext=2",
        "urn:service:",
        "urn:service:sos..x",
        "urn:service:-sos",
        "urn:isbn:0451450523",
        "mailto:bob@example.com",
        "https://example.com",
        "javascript:alert(1)",
        '"Bob <sip:bob@x>',
        "<sip:bob@x>",
      ],
    ],
    [
      "impossible_number",
      [
        "+1",
        "+112",
        "+999 123 456 789",
        "1",
        "1234567890123",
        "+1 555 123 00011",
        "1".repeat(MAX_ADDRESS_LENGTH),
        "+49 30 123456789012345",
        "91 1 555 123 0001",
        "tel:+12",
      ],
    ],
  ];
  for (const [code, raws] of cases) {
    it.each(raws)(`%j is ${code}`, (raw) => {
      expect(read(raw, { country: "US" })).toBe(`<${code}>`);
    });
  }

  it("says what is wrong without repeating what was sent", () => {
    expect(parseAddress("1-800-FLOWERS", US, "callee")).toEqual({
      ok: false,
      error: { code: "not_a_number", detail: "contains letters; write the digits, e.g. +1 800 356 9377" },
    });
  });

  it.each(["ZZ", "", "us", "__proto__", "constructor"])("survives a profile of country %j", (country) => {
    expect(read("555 123 0001", { country })).toBe("<impossible_number>");
    expect(read("+1 555 123 0001", { country })).toBe("e164 +15551230001");
  });
});
