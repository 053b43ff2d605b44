import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../domain/numbers/address.ts";
import type { DialProfile } from "../../../domain/numbers/dial-profile.ts";
import { ADDITIONS } from "../../../domain/numbers/emergency-additions.ts";
import { EMERGENCY_NUMBERS_BY_COUNTRY } from "../../../domain/numbers/emergency-numbers.data.ts";
import { COUNTRIES_WITH_NUMBERS, UNIVERSAL_NUMBERS, nationalNumbers } from "../../../domain/numbers/emergency-numbers.ts";
import { SERVICES_BY_COUNTRY, SUB_SERVICES } from "../../../domain/numbers/emergency-services.ts";
import { classifyEmergency, mayBeEmergency } from "../../../domain/numbers/emergency.ts";
import { CLASHES, CLASHES_NEAR_BORDERS } from "../../../local/numbers/clashes.data.ts";
import { PAGE_FILE, pageText } from "../../../local/numbers/page.ts";

const SOS = "urn:service:sos";

const inScript = (number: string, zero: number): string =>
  [...number].map((digit) => String.fromCodePoint(zero + Number(digit))).join("");
const spread = (number: string, separator: string): string => [...number].join(separator);
const escaped = (number: string): string => [...number].map((digit) => `%3${digit}`).join("");

/** How a number is dialled on a plain line. */
const ON_LINES: Readonly<Record<string, (number: string) => string>> = {
  plain: (number) => number,
  spaces: (number) => ` ${spread(number, " ")} `,
  dashes: (number) => spread(number, "-"),
  "dots and brackets": (number) => `(${spread(number, ".")})`,
  "Arabic digits": (number) => inScript(number, 0x0660),
  "Persian digits": (number) => inScript(number, 0x06f0),
  "Devanagari digits": (number) => inScript(number, 0x0966),
  "mathematical digits": (number) => inScript(number, 0x1d7ec),
  "full-width digits": (number) => inScript(number, 0xff10),
  "direction marks": (number) => `\u202a${number}\u202c`,
  "the key that sends": (number) => `${number}#`,
  "what is no part of it": (number) => `${number}?!\u0000`,
  "a SIP user without a scheme": (number) => `${number}@pbx.example`,
  tel: (number) => `tel:${number}`,
  "tel with a context": (number) => `tel:${number};phone-context=+49`,
  "SIP user": (number) => `sip:${number}@pbx.example`,
  "SIP phone": (number) => `sips:${number}@[2001:db8::1]:5061;user=phone`,
  "SIP with a parameter and a password": (number) => `sip:${number};phone-context=+1:secret@pbx.example`,
  "SIP escapes": (number) => `sip:${escaped(number)}@pbx.example`,
  "SIP without a host": (number) => `sip:${number}@`,
  "name-addr": (number) => `"Help" <sip:${number}@pbx.example>;tag=1`,
  "broken name-addr": (number) => `<tel:${number}`,
};

const ALL = COUNTRIES_WITH_NUMBERS.flatMap((country) =>
  Array.from(nationalNumbers(country), ([number, service]) => ({ country, number, service })),
);

const somewhere = new Set([...ALL.map(({ number }) => number), ...UNIVERSAL_NUMBERS, "933"]);
const isSomewhere = (number: string): boolean => somewhere.has(number);
const everywhere = { countries: COUNTRIES_WITH_NUMBERS };

/** Prefixes of PBXs: digits, two of them, the longest there is. Behind some, another number begins (0 + 15 and 015). */
const PREFIXES = ["9", "0", "00", "81", "12345"];

describe("[EMG-4] [EMG-5] every emergency number of every country", () => {
  it.each(Object.entries(ON_LINES))("is known on a line: %s", (_, write) => {
    const missed = ALL.filter(({ country, number, service }) => {
      const raw = write(number);
      const call = classifyEmergency(raw, { country });
      return (
        call?.service !== service || call.dialled !== number || call.country !== country || call.test || !mayBeEmergency(raw)
      );
    });
    expect(missed).toEqual([]);
  });

  it.each(Object.entries(ON_LINES))("is known on a PBX with an outside prefix, with it and without: %s", (_, write) => {
    const missed = PREFIXES.flatMap((outsidePrefix) =>
      ALL.filter(({ country, number, service }) => {
        const profile: DialProfile = { country, outsidePrefix, extensionLength: { min: 2, max: 4 } };
        const [bare, behind] = [
          classifyEmergency(write(number), profile),
          classifyEmergency(write(outsidePrefix + number), profile),
        ];
        const isKnown =
          bare?.service === service &&
          behind !== null &&
          (nationalNumbers(country).has(outsidePrefix + number) || behind.dialled === number);
        return !isKnown || !mayBeEmergency(write(outsidePrefix + number));
      }).map((missing) => ({ outsidePrefix, ...missing })),
    );
    expect(missed).toEqual([]);
  });

  it("is known by where the caller is, whatever the trunk's country, and nowhere else", () => {
    const wrong = ALL.filter(({ country, number }) => {
      const there = classifyEmergency(number, { country: "001" }, { countries: [country] });
      const elsewhere = classifyEmergency(number, { country: "001" });
      return there?.country !== country || (elsewhere !== null) !== (UNIVERSAL_NUMBERS.includes(number) || number === "933");
    });
    expect(wrong).toEqual([]);
  });

  it("and 112, 911 and 999 are in each, and 933 is a test unless the country has made it a real one", () => {
    const lacking = COUNTRIES_WITH_NUMBERS.filter((country) =>
      UNIVERSAL_NUMBERS.some((number) => classifyEmergency(number, { country })?.test !== false),
    );
    expect(lacking).toEqual([]);
    const real = COUNTRIES_WITH_NUMBERS.filter((country) => classifyEmergency("933", { country })?.test !== true);
    expect(real).toEqual(["TO"]);
  });
});

describe("[EMG-4] the kept tables", () => {
  it("are about numbers that there are, each once", () => {
    const services = Object.entries(SERVICES_BY_COUNTRY).flatMap(([country, text]) =>
      text.split(", ").flatMap((part) => {
        const [service, ...numbers] = part.split(" ");
        return numbers.map((number) => ({ country, service, number }));
      }),
    );
    expect(services.filter(({ country, number }) => !nationalNumbers(country).has(number))).toEqual([]);
    expect(services.filter(({ service }) => !SUB_SERVICES.some((known) => known === service))).toEqual([]);
    expect(new Set(services.map(({ country, number }) => `${country} ${number}`)).size).toBe(services.length);
    const redundant = ADDITIONS.filter(({ country, numbers }) => {
      const source = EMERGENCY_NUMBERS_BY_COUNTRY[country]?.split(" ") ?? [];
      return numbers.split(" ").some((number) => source.includes(number));
    });
    expect(redundant).toEqual([]);
  });

  it("cover the world", () => {
    expect(COUNTRIES_WITH_NUMBERS.length).toBeGreaterThan(235);
    expect(ALL.length).toBeGreaterThan(800);
    expect(ALL.filter(({ number }) => !/^[0-9]{2,6}$/.test(number))).toEqual([]);
  });

  it("are what docs/emergency-numbers.md says; `npm run numbers -- page` writes it", () => {
    expect(readFileSync(join(import.meta.dirname, "../../..", PAGE_FILE), "utf8")).toBe(pageText());
  });

  it("list what is taken too much: short numbers of the country that are an emergency elsewhere", () => {
    const taken = (table: Readonly<Record<string, string>>) =>
      Object.entries(table).flatMap(([country, numbers]) => numbers.split(" ").map((number) => ({ country, number })));
    const always = taken(CLASHES);
    expect(always).toContainEqual({ country: "CH", number: "999" });
    expect(always.filter(({ country, number }) => classifyEmergency(number, { country }) === null)).toEqual([]);
    const near = taken(CLASHES_NEAR_BORDERS);
    expect(near).toContainEqual({ country: "FR", number: "110" });
    expect(near.filter(({ country, number }) => classifyEmergency(number, { country }) !== null)).toEqual([]);
    const across = (number: string) => ({
      countries: COUNTRIES_WITH_NUMBERS.filter((each) => nationalNumbers(each).has(number)),
    });
    expect(near.filter(({ country, number }) => classifyEmergency(number, { country }, across(number)) === null)).toEqual([]);
  });
});

describe("[EMG-2] [EMG-7] what is no emergency number of the place", () => {
  const country = fc.constantFrom(...COUNTRIES_WITH_NUMBERS, "001", "ZZ");
  const outsidePrefix = fc.constantFrom(undefined, ...PREFIXES);
  const part = fc.oneof(fc.constantFrom(...ALL.map(({ number }) => number)), fc.stringMatching(/^[0-9]{1,4}$/));
  const digits = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(""));

  it("is never taken, however it is made of such numbers: neither longer ones nor those of other countries", () => {
    fc.assert(
      fc.property(country, outsidePrefix, digits, (at, prefix, dialled) => {
        const own = (text: string): boolean => nationalNumbers(at).has(text) || [...UNIVERSAL_NUMBERS, "933"].includes(text);
        const behind = prefix !== undefined && dialled.startsWith(prefix) && own(dialled.slice(prefix.length));
        const profile = prefix === undefined ? { country: at } : { country: at, outsidePrefix: prefix };
        expect(classifyEmergency(dialled, profile) !== null).toBe(own(dialled) || behind);
      }),
      { numRuns: 3000 },
    );
  });

  it("nor anything behind a plus sign, except for such a number alone", () => {
    const elsewhere = digits.filter((text) => ![text, text.replace(/^1/, "")].some(isSomewhere));
    fc.assert(
      fc.property(country, outsidePrefix, elsewhere, fc.constantFrom("", "tel:", "sip:"), (at, prefix, dialled, scheme) => {
        const raw = `${scheme}+${dialled}${scheme === "sip:" ? "@pbx.example" : ""}`;
        const profile = prefix === undefined ? { country: at } : { country: at, outsidePrefix: prefix };
        return classifyEmergency(raw, profile, { countries: COUNTRIES_WITH_NUMBERS }) === null && !mayBeEmergency(raw);
      }),
      { numRuns: 1000 },
    );
  });

  it("where a number behind a plus sign counts, it is three digits or more and no possible number", () => {
    const numbers = [...new Set(ALL.map(({ number }) => number))];
    const taken = numbers.filter((number) => classifyEmergency(`+${number}`, { country: "001" }, everywhere) !== null);
    const possible = numbers.filter((number) => parseAddress(`+${number}`, { country: "DE" }, "callee").ok);
    expect(taken.toSorted()).toEqual(numbers.filter((number) => number.length > 2 && !possible.includes(number)).toSorted());
    expect(taken.filter((number) => !mayBeEmergency(`+${number}`))).toEqual([]);
  });

  it("and the cheap test never denies what counts somewhere", () => {
    fc.assert(
      fc.property(country, fc.stringMatching(/^[0-9]{0,6}$/), digits, (at, prefix, dialled) => {
        const call = classifyEmergency(
          prefix + dialled,
          { country: at, outsidePrefix: prefix },
          { countries: COUNTRIES_WITH_NUMBERS },
        );
        return call === null || mayBeEmergency(prefix + dialled);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("[EMG-5] which service and whose number", () => {
  const of = (dialled: string, trunk: string, ...countries: readonly string[]) => {
    const call = classifyEmergency(dialled, { country: trunk }, { countries });
    return call === null ? null : [call.service.slice(SOS.length), call.country];
  };

  it.each([
    ["15", "FR", [], [".ambulance", "FR"]],
    ["17", "FR", [], [".police", "FR"]],
    ["112", "FR", [], ["", "FR"]],
    ["911", "FR", [], ["", null]],
    ["15", "DE", [], null],
    ["15", "DE", ["FR"], [".ambulance", "FR"]],
    ["18", "DE", ["DE", "FR"], [".fire", "FR"]],
    ["110", "DE", ["FR", "DE"], [".police", "DE"]],
    // Fire in Switzerland, an ambulance in Italy.
    ["118", "CH", [], [".fire", "CH"]],
    ["118", "CH", ["IT", "CH"], ["", "IT"]],
    ["118", "IT", ["IT"], [".ambulance", "IT"]],
    // Somebody in Italy on a Swiss trunk: which of them answers is not known.
    ["118", "CH", ["IT"], ["", "IT"]],
    ["1669", "TH", [], [".ambulance", "TH"]],
    ["10177", "ZA", [], [".ambulance", "ZA"]],
    ["118", "JP", [], [".marine", "JP"]],
    ["1414", "CH", [], [".mountain", "CH"]],
    ["108", "IN", [], ["", "IN"]],
  ] as const)("%s on a trunk of %s, caller in %j: %j", (dialled, trunk, countries, expected) => {
    expect(of(dialled, trunk, ...countries)).toEqual(expected);
  });
});

describe("[EMG-6] the tenant's own test numbers", () => {
  const around = { testNumbers: ["5566", "112"] };
  const pbx: DialProfile = { country: "DE", outsidePrefix: "0" };

  it("are tests, also behind the outside prefix, and nobody else's", () => {
    expect(classifyEmergency("55-66", { country: "DE" }, around)).toEqual({
      service: SOS,
      dialled: "5566",
      test: true,
      country: null,
    });
    expect(classifyEmergency("sip:05566@x", pbx, around)).toMatchObject({ dialled: "5566", test: true });
    expect(classifyEmergency("5566", { country: "DE" })).toBeNull();
    expect(classifyEmergency("55667", { country: "DE" }, around)).toBeNull();
  });

  it("never make a test of a real number", () => {
    expect(classifyEmergency("112", { country: "DE" }, around)).toMatchObject({ test: false });
  });
});

describe("[EMG-7] extensions of a PBX", () => {
  const pbx: DialProfile = { country: "DE", outsidePrefix: "0", extensions: ["112", "110"] };

  it.each([
    ["112", null],
    ["tel:1-1-0", null],
    ["0112", "112"],
    ["sip:0110@pbx.example", "110"],
    ["911", "911"],
    ["urn:service:sos", "urn:service:sos"],
  ])("%s calls %s", (raw, dialled) => {
    expect(classifyEmergency(raw, pbx)?.dialled ?? null).toBe(dialled);
  });

  it("take nothing from who is known to be in another country", () => {
    const dialled = (number: string, ...countries: readonly string[]) =>
      classifyEmergency(number, pbx, { countries })?.dialled ?? null;
    expect(["112", "110"].map((number) => dialled(number, "PL"))).toEqual(["112", null]);
    expect(["112", "110"].map((number) => dialled(number, "JP"))).toEqual(["112", "110"]);
    expect(dialled("112", "DE", "PL")).toBeNull();
    expect(dialled("112")).toBeNull();
  });

  it("count for nothing without an outside prefix: there would be no way to call for help", () => {
    expect(classifyEmergency("112", { country: "DE", extensions: ["112"] })?.dialled).toBe("112");
    expect(classifyEmergency("112", { country: "DE", extensions: ["112"], outsidePrefix: "" })?.dialled).toBe("112");
  });

  it("never hide what is dialled behind the prefix", () => {
    expect(classifyEmergency("0112", { ...pbx, extensions: ["0112"] })?.dialled).toBe("112");
  });
});
