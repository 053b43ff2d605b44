import { describe, expect, it } from "vitest";
import type { DialProfile } from "../../../domain/numbers/dial-profile.ts";
import { classifyEmergency, mayBeEmergency } from "../../../domain/numbers/emergency.ts";
import { DE_PBX, US_PBX } from "./profiles.ts";

const SOS = "urn:service:sos";

describe("[EMG-1] emergency classification", () => {
  const cases: readonly (readonly [string, DialProfile | undefined, string])[] = [
    ["112", undefined, "112"],
    ["911", undefined, "911"],
    ["999", undefined, "999"],
    ["1 1 2", undefined, "112"],
    ["9-1-1", undefined, "911"],
    [" (112)\r\n", undefined, "112"],
    ["１１２", undefined, "112"],
    ["\u202a٩١١\u202c", undefined, "911"],
    ["tel:112", undefined, "112"],
    ["TEL:1-1-2", undefined, "112"],
    ["tel:112;phone-context=+49", undefined, "112"],
    ["tel:112;ext=7", undefined, "112"],
    ["tel:112;;broken=", undefined, "112"],
    ["sip:112@pbx.example", undefined, "112"],
    ["sips:911@[2001:db8::1]:5061;user=phone", undefined, "911"],
    ["sip:911;phone-context=+1@pbx.example;user=phone", undefined, "911"],
    ["sip:112:secret@pbx.example", undefined, "112"],
    ["sip:%31%31%32@pbx.example", undefined, "112"],
    ["sip:112@bad host", undefined, "112"],
    ["sip:112@", undefined, "112"],
    ["sip:112", undefined, "112"],
    ['"Help" <sip:112@pbx.example>;tag=1', undefined, "112"],
    ["<sip:112@pbx.example", undefined, "112"],
    ["<tel:911>", undefined, "911"],
    ["9911", US_PBX, "911"],
    ["9 9 1 1", US_PBX, "911"],
    ["9999", US_PBX, "999"],
    ["9112", US_PBX, "112"],
    ["0112", DE_PBX, "112"],
    ["sip:0112@pbx.example", DE_PBX, "112"],
    ["tel:9911;phone-context=pbx.example", US_PBX, "911"],
    ["911#", undefined, "911"],
    ["112*", undefined, "112"],
    ["112!", undefined, "112"],
    ["112\u0000", undefined, "112"],
    ["sip:112%23@pbx.example", undefined, "112"],
    ["9,911", US_PBX, "911"],
    ["9w911", US_PBX, "911"],
    ["9;911", US_PBX, "911"],
    ["9P,911#", US_PBX, "911"],
    ["sip:9w911@pbx.example", US_PBX, "911"],
    ["112@pbx.example", undefined, "112"],
    ["112@pbx.example:5060", undefined, "112"],
    ["112:secret@pbx.example", undefined, "112"],
    ["१ १ २", undefined, "112"],
    ["๙๑๑", undefined, "911"],
    ["\u{1d7cf}\u{1d7cf}\u{1d7d0}", undefined, "112"],
    ["+112", undefined, "112"],
    ["＋112", { country: "DE" }, "112"],
    ["+911", undefined, "911"],
    ["+1911", { country: "US" }, "911"],
    ["+1-911", { country: "CA" }, "911"],
    ["tel:+112", undefined, "112"],
    ["sip:+112@pbx.example", undefined, "112"],
    [`sip:112@${"x".repeat(300)}`, undefined, "112"],
    [`${" ".repeat(300)}112`, undefined, "112"],
  ];
  it.each(cases)("%j by %o calls %s", (raw, profile, dialled) => {
    expect(classifyEmergency(raw, profile)).toMatchObject({ service: SOS, dialled, test: false });
    expect(mayBeEmergency(raw)).toBe(true);
  });

  it.each([
    ["urn:service:sos", SOS, "urn:service:sos", false],
    ["URN:SERVICE:SOS.Ambulance", `${SOS}.ambulance`, "urn:service:sos.ambulance", false],
    ["<urn:service:sos.fire>", `${SOS}.fire`, "urn:service:sos.fire", false],
    ["urn:service:sos.", SOS, SOS, false],
    ["urn:service:sos.ünknown", SOS, SOS, false],
    ["urn:service:test.sos", SOS, "urn:service:test.sos", true],
    ["urn:service:test.sos.police", `${SOS}.police`, "urn:service:test.sos.police", true],
    ["933", SOS, "933", true],
    ["sip:933@pbx.example", SOS, "933", true],
  ])("%s is %s, dialled %s, test: %s", (raw, service, dialled, test) => {
    expect(classifyEmergency(raw)).toEqual({ service, dialled, test, country: null });
    expect(mayBeEmergency(raw)).toBe(true);
  });
});

describe("[EMG-2] never inside a longer number", () => {
  it.each([
    "+49 30 112",
    "030 112 112",
    "1120",
    "9112",
    "0112",
    "9911",
    "+112 1",
    "+1 12 345",
    "+91 12345 67890",
    "+1 911 555 0100",
    "+1 1911",
    "+9911",
    "+11",
    "112,1",
    "112 p",
    "p112",
    "*112#",
    "bob@112",
    "112bob@pbx.example",
    "+1 555 123 0911",
    "5551230911",
    "11",
    "000",
    "112 help",
    "sip:bob112@pbx.example",
    "sip:bob@112.example",
    "sip:1.1.2",
    "sip:112.example.com",
    "urn:service:sosx",
    "urn:service:counseling",
    "urn:sos",
    "https:112",
    "",
    "*112",
    "1".repeat(300),
  ])("%j is no emergency call", (raw) => {
    expect(classifyEmergency(raw, { country: "US" })).toBeNull();
  });

  it("takes +1911 for 911 only where the country code is 1", () => {
    expect(classifyEmergency("+1911", { country: "DE" })).toBeNull();
    expect(classifyEmergency("+1911", { country: "DE" }, { countries: ["US"] })).toMatchObject({ dialled: "911" });
    expect(classifyEmergency("+49112", { country: "DE" })).toBeNull();
  });

  it("does not take an outside prefix that is longer than any PBX has, or that is no number", () => {
    expect(classifyEmergency("123456112", { country: "DE", outsidePrefix: "123456" })).toBeNull();
    expect(classifyEmergency("112", { country: "DE", outsidePrefix: "" })).not.toBeNull();
    expect(classifyEmergency("1911", { country: "US", outsidePrefix: "+" })).toBeNull();
  });

  it.each([
    ["9911", true],
    ["0112", true],
    ["12345112", true],
    ["123456112", false],
    ["1121", false],
    ["5551230001", false],
    ["+112", true],
    ["+1911", true],
    ["+9112", false],
    ["+49112", false],
    ["sip:bob@example.com", false],
  ])("the cheap test says %j: %s", (raw, expected) => {
    expect(mayBeEmergency(raw)).toBe(expected);
  });
});
