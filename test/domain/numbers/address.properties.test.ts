import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, MAX_ADDRESS_LENGTH, parseAddress, routingKey } from "../../../domain/numbers/address.ts";
import type { DialProfile } from "../../../domain/numbers/dial-profile.ts";
import { classifyEmergency, mayBeEmergency } from "../../../domain/numbers/emergency.ts";
import { PROFILES } from "./profiles.ts";

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength, maxLength });
const role = fc.constantFrom("caller" as const, "callee" as const);
const profile: fc.Arbitrary<DialProfile> = fc.oneof(
  fc.constantFrom(...PROFILES),
  fc.record({
    country: fc.constantFrom("US", "DE", "GB", "IT", "RU", "BR", "MX", "JP", "ZZ"),
    outsidePrefix: digits(0, 6),
    areaCode: digits(0, 4),
  }),
);
const separator = fc.constantFrom(" ", "-", ".", "/", "\u00a0", "\u2011", "\u202c", "–", "");
const scripts = ["٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "۰۱۲۳۴۵۶۷۸۹", "0123456789"];

/** Texts that look like addresses far more often than arbitrary strings do. */
const addressLike = fc.oneof(
  digits(1, 18),
  digits(1, 18).map((text) => `+${text}`),
  fc.tuple(digits(0, 5), fc.constantFrom("112", "911", "999", "933", "1120")).map(([prefix, number]) => prefix + number),
  fc
    .tuple(
      fc.constantFrom("sip:", "sips:", "tel:", "urn:service:", "<sip:", '"a" <tel:'),
      fc.string({ unit: fc.constantFrom(..."019+-.;:@%2FaZ=?&[]>user=phone"), maxLength: 40 }),
    )
    .map(([scheme, rest]) => scheme + rest),
  fc
    .tuple(digits(1, 12), fc.constantFrom("", ";user=phone", ":5060", ";lr"))
    .map(([user, rest]) => `sip:${user}@Host.example${rest}`),
  fc.string({ unit: fc.constantFrom(...'0123456789+()-. /sip:telurn@;=<>"\\%[]\u202a\u00a0٣９*#'), maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 300 }),
);

describe("[NUM-1] [NUM-3] canonical form", () => {
  it("is read as itself, whatever was written", () => {
    fc.assert(
      fc.property(addressLike, profile, (raw, dial) => {
        const first = parseAddress(raw, dial, "callee");
        if (!first.ok) return;
        expect(parseAddress(formatAddress(first.value), dial, "callee")).toEqual(first);
      }),
      { numRuns: 3000 },
    );
  });

  it("of a number is a plus and 2 to 15 digits, whatever the profile that reads it again", () => {
    fc.assert(
      fc.property(digits(4, 18), profile, profile, role, (raw, dial, other, as) => {
        const first = parseAddress(raw, dial, as);
        if (!first.ok || first.value.kind !== "e164") return;
        expect(first.value.e164).toMatch(/^\+[1-9][0-9]{1,14}$/);
        expect(parseAddress(first.value.e164, other, as)).toEqual(first);
      }),
      { numRuns: 2000 },
    );
  });

  it("does not depend on separators, scripts or invisible marks", () => {
    const noisy = fc.tuple(
      fc.boolean(),
      digits(1, 16),
      fc.array(separator, { minLength: 17, maxLength: 17 }),
      fc.array(fc.constantFrom(...scripts), { minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(noisy, profile, role, ([plus, number, gaps, zeros], dial, as) => {
        const sign = plus ? "+" : "";
        const written = [...number].map((digit, at) => gaps[at]! + zeros[at]![Number(digit)]!).join("");
        expect(
          parseAddress(`${gaps[16]}${sign}${written}${gaps[16]}`.replace(/^[./–\-\u2011]+|[./–\-\u2011]+$/g, ""), dial, as),
        ).toEqual(parseAddress(sign + number, dial, as));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("[NUM-4] malformed input", () => {
  it("never throws, and what is accepted is short, printable ASCII", () => {
    fc.assert(
      fc.property(fc.oneof(addressLike, fc.string({ unit: "grapheme", maxLength: 400 })), profile, role, (raw, dial, as) => {
        const result = parseAddress(raw, dial, as);
        classifyEmergency(raw, dial);
        if (!result.ok) return;
        expect(formatAddress(result.value)).toMatch(/^[\x21-\x7e]{1,256}$/);
        expect(routingKey(result.value)).toMatch(/^[\x21-\x7e]{1,256}$/);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    "(",
    "(0)",
    "1",
    "0",
    "+",
    "1-",
    "\u202a",
    "<",
    '"',
    "\\",
    "sip:",
    "tel:1;",
    "%41",
    "a.",
    "::",
    "urn:service:a.",
    "\ud83d",
    "9 ",
  ])("made of %j takes no more time than its length deserves", (piece) => {
    const text = piece.repeat(MAX_ADDRESS_LENGTH).slice(0, MAX_ADDRESS_LENGTH);
    const texts = [text, `sip:${text}@x`, `sip:x@${text}`, `tel:${text}`, `"${text}`].map((each) =>
      each.slice(0, MAX_ADDRESS_LENGTH),
    );
    const started = performance.now();
    for (const each of [...texts, piece.repeat(10_240)]) for (const dial of PROFILES) parseAddress(each, dial, "caller");
    // Some 66 parses take a few milliseconds; backtracking would take seconds.
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("[EMG-1] [EMG-2] the cheap emergency test", () => {
  it("never denies what the classification accepts with any profile", () => {
    const outside = fc.record({ country: fc.constantFrom("US", "DE"), outsidePrefix: digits(0, 7) });
    const number = fc.constantFrom("112", "911", "999", "933", "112;ext=1");
    const prefixed = fc.tuple(
      outside,
      number,
      fc.constantFrom("", "tel:", "sip:", "<sip:", " "),
      fc.constantFrom("", "@x", "@x;user=phone", ">"),
    );
    let accepted = 0;
    fc.assert(
      fc.property(prefixed, ([dial, dialled, scheme, rest]) => {
        const raw = scheme + dial.outsidePrefix + dialled + rest;
        if (classifyEmergency(raw, dial) === null) return;
        accepted++;
        expect(mayBeEmergency(raw)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(addressLike, profile, (raw, dial) => classifyEmergency(raw, dial) === null || mayBeEmergency(raw)),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it("and digits that are classified are read as the same short code", () => {
    fc.assert(
      fc.property(
        fc.tuple(digits(0, 5), fc.constantFrom("112", "911", "999", "933")),
        profile,
        role,
        ([prefix, number], dial, as) => {
          const raw = prefix + number;
          const call = classifyEmergency(raw, dial);
          const address = parseAddress(raw, dial, as);
          fc.pre(call !== null);
          expect(address).toEqual({ ok: true, value: { kind: "short", digits: call.dialled } });
        },
      ),
      { numRuns: 2000 },
    );
  });
});
