import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskedJsonText } from "../../../contracts/masked-lines.ts";
import { maskConfiguration, maskJson, maskNumber } from "../../../domain/privacy/mask.ts";

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(""));

/** A number of seven digits and more, in the ways in which one is written. */
const written = digits(7, 15).chain((number) =>
  fc.constantFrom(
    { number, text: `+${number}` },
    { number, text: number },
    { number, text: `00${number}` },
    { number, text: `0${number.slice(0, 3)} ${number.slice(3)}` },
    { number, text: `tel:+${number}` },
    { number, text: `sip:+${number}@pbx.example:5060;user=phone` },
    { number, text: `sip:%2B${number}@pbx.example` },
    { number, text: `"Maria M" <sip:${number}@10.0.0.1>` },
    { number, text: `+${[...number].join("-")}` },
  ),
);

const runs = (text: string): number[] => (text.match(/\d+/g) ?? []).map(({ length }) => length);

describe("[PII-2] a masked number", () => {
  it("[PII-2] is its beginning and nothing else, however it was written", () => {
    expect(
      ["+49301234567", "030 1234567", "tel:+49-30-1234567", "sip:+49301234567@pbx", '"M" <sip:0301234567@x>'].map(maskNumber),
    ).toEqual(["+49301***", "03012***", "tel:+49301***", "sip:+49301***", "sip:03012***"]);
    fc.assert(
      fc.property(written, ({ number, text }) => {
        const shown = maskNumber(text);
        expect(Math.max(0, ...runs(shown))).toBeLessThanOrEqual(5);
        expect(shown.endsWith("***")).toBe(true);
        expect(shown).not.toContain(number.slice(-4) + "***");
        expect(shown).not.toContain("Maria");
      }),
    );
  });

  it("[PII-2] stays what it is when it is short, a service, withheld or masked already", () => {
    for (const text of ["112", "116117", "sip:101", "urn:service:sos", "anonymous", "+49301***", "***", ""])
      expect(maskNumber(text)).toBe(text);
    expect(maskNumber("sip:anonymous@anonymous.invalid")).toBe("sip:anonymous");
  });

  it("[PII-2] is hidden as a whole where it is none", () => {
    expect(
      ["sip:maria.muster@example.org", "Maria", "+1-800-FLOWERS", "+4930,1234567", "sip:%E0%A4%A@x"].map(maskNumber),
    ).toEqual(["sip:***", "***", "***", "***", "sip:***"]);
  });

  it("[PII-2] is the same when it is masked again, whatever it was", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          written.map(({ text }) => text),
        ),
        (text) => {
          expect(maskNumber(maskNumber(text))).toBe(maskNumber(text));
        },
      ),
    );
  });
});

const NUMBER = "+493012345678";
const SECRET = "Maria Muster";

const EVENT = {
  specversion: "1.0",
  id: "01a1fec8-0000-7000-8000-000000000001",
  source: "/tenants/left/calls",
  type: "dev.trunkline.call.received.v1",
  subject: "01a1fec8-ffff-7000-8000-000000000001",
  time: "2026-03-01T12:00:00.000Z",
  recordedtime: "2026-03-01T12:00:00.000Z",
  sequence: "0000000001",
  datacontenttype: "application/json",
  caller: NUMBER,
  callee: "sip:maria@example.org",
  nickname: SECRET,
  data: {
    from: NUMBER,
    to: "112",
    channel: "pbx",
    sipCode: 486,
    durationMs: 1250,
    location: { type: "geodetic", latitude: 52.5, longitude: 13.4 },
    metadata: { patient: SECRET, born: 1970, [NUMBER]: true },
    text: SECRET,
    whoever: { said: [SECRET, 4930123456], at: "home" },
    destinations: [{ id: "gw-a", uri: `sip:${NUMBER}@gw.example`, ringTimeoutMs: 20_000 }],
  },
};

describe("[PII-2] a masked event", () => {
  it("[PII-2] shows what the call technically came to, and of what senders add nothing", () => {
    expect(maskJson(EVENT)).toEqual({
      ...EVENT,
      caller: "+49301***",
      callee: "sip:***",
      nickname: "***",
      data: {
        from: "+49301***",
        to: "112",
        channel: "pbx",
        sipCode: 486,
        durationMs: 1250,
        location: null,
        metadata: { patient: "***", born: null, "+49301***": null },
        text: "***",
        whoever: { said: ["***", null], at: "***" },
        destinations: [{ id: "gw-a", uri: "sip:+49301***", ringTimeoutMs: 20_000 }],
      },
    });
  });

  it("[PII-2] is masked wherever it stands, also as JSON in a text", () => {
    for (const whole of [
      { items: [EVENT] },
      { type: "event", sequence: 1, event: EVENT },
      { request: { body: JSON.stringify(EVENT) } },
    ]) {
      const shown = JSON.stringify(maskJson(whole));
      expect(shown).not.toMatch(/Maria|maria|12345678|13\.4/);
      expect(shown).toContain("call.received");
    }
    const cut = maskJson({ request: { body: JSON.stringify(EVENT).slice(0, 400) } });
    expect(cut).toEqual({ request: { body: "***" } });
  });
});

describe("[PII-2] a masked record", () => {
  it("[PII-2] keeps what a list needs, and hides names, notes, locations and metadata", () => {
    const record = {
      id: EVENT.id,
      from: NUMBER,
      to: "0301234567",
      callId: "1732234567.12@pbx",
      location: { type: "civic", country: "DE", city: "Berlin" },
      metadata: { a: { b: [SECRET, null] } },
      notes: [{ at: EVENT.time, by: "maria@example.org", text: SECRET }],
      tags: ["vip", NUMBER, "0301234567"],
      plan: { destinations: [{ id: "gw", uri: `sip:${NUMBER}@gw` }], rewrittenTo: NUMBER, candidates: ["r1"] },
      openedAt: EVENT.time,
      talkMs: 1234567890,
      lastSequence: 3,
    };
    expect(maskJson(record)).toEqual({
      ...record,
      from: "+49301***",
      to: "03012***",
      location: null,
      metadata: { a: { b: ["***", null] } },
      notes: [{ at: EVENT.time, by: "***", text: "***" }],
      tags: ["vip", "+49301***", "03012***"],
      plan: { destinations: [{ id: "gw", uri: "sip:+49301***" }], rewrittenTo: "+49301***", candidates: ["r1"] },
    });
  });

  it("[PII-2] leaves periods, phases and cursors alone", () => {
    const value = {
      from: "2026-03-01T00:00:00Z",
      to: "2026-03-02T00:00:00+02:00",
      phases: [{ name: "ringing", durationMs: 1 }],
      nextCursor: "eyJ+1234567890",
      asOf: "2026-03-01T00:00:00.000Z",
    };
    expect(maskJson(value)).toEqual(value);
  });

  it("[PII-2] of a vCon has neither people nor what they said", () => {
    const shown = maskJson({
      vcon: "0.3.0",
      uuid: EVENT.id,
      parties: [{ tel: NUMBER, name: SECRET, mailto: "maria@example.org" }],
      dialog: [{ type: "recording", parties: [0], start: EVENT.time }],
      analysis: [{ type: "transcript", body: SECRET }],
      attachments: [{ type: "events", body: JSON.stringify([EVENT]) }],
    });
    expect(JSON.stringify(shown)).not.toMatch(/Maria|maria|12345678/);
    expect(shown).toMatchObject({ parties: [{ tel: "+49301***", name: "***", mailto: "***" }], dialog: [{ parties: [0] }] });
  });

  it("[PII-2] has no long row of digits of any number, wherever one stands in event data", () => {
    const name = fc.oneof(
      fc.constantFrom("from", "uri", "contact", "text", "metadata", "leg", "tags", "destinations", "by"),
      fc.string(),
    );
    const value = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        written.map(({ text }) => text),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(name, tie("tree"), { maxKeys: 4 }),
      ),
    })).tree;
    fc.assert(
      fc.property(value, (data) => {
        const shown = maskJson({ ...EVENT, data }) as { data: unknown };
        const text = JSON.stringify(shown.data) ?? "";
        expect(text).not.toMatch(/\d{7}/);
        expect(text).not.toContain("Maria");
        expect(maskJson(shown)).toEqual(shown);
      }),
    );
  });

  it("[PII-2] of any JSON is masked without fault, and again the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const shown = maskJson(value);
        expect(maskJson(shown)).toEqual(shown);
      }),
    );
    let deep: unknown = NUMBER;
    for (let level = 0; level < 5_000; level++) deep = level % 2 === 0 ? [deep] : { deep };
    expect(JSON.stringify(maskJson(deep))).not.toContain("+49");
  });
});

describe("[PII-2] a configuration", () => {
  it("[PII-2] keeps its numbers, but not whom somebody has blocked, nor whose profile it is", () => {
    const rule = { id: "r", name: "Night", calleePrefix: ["+4930"], destinations: [{ uri: `sip:${NUMBER}@gw` }] };
    const profile = { id: "301", name: SECRET, blockedCallers: [NUMBER], doNotDisturb: false };
    expect(maskConfiguration({ items: [rule, profile] })).toEqual({
      items: [rule, { ...profile, name: "***", blockedCallers: ["+49301***"] }],
    });
  });

  it("[PII-2] does not tell by the difference of two profiles what the profiles hide", () => {
    const [named, blocked, open] = [
      { pointer: "/name", before: SECRET, after: `${SECRET} II` },
      { pointer: "/blockedCallers", before: [], after: [NUMBER] },
      { pointer: "/doNotDisturb", before: false, after: true },
    ];
    const difference = { kind: "profiles", key: "301", change: "changed", fields: [named, blocked, open] };
    const trunk = {
      kind: "trunks",
      key: "main",
      change: "changed",
      fields: [{ pointer: "/name", before: "Old", after: "New" }],
    };
    const comparison = { changed: 2, byKind: { profiles: { changed: 1 } }, list: [difference, trunk] };
    const shown = JSON.parse(maskedJsonText(JSON.stringify(comparison), "configuration")) as typeof comparison;
    expect(shown).toEqual({
      ...comparison,
      list: [
        {
          ...difference,
          fields: [{ ...named, before: "***", after: "***" }, { ...blocked, before: [], after: ["+49301***"] }, open],
        },
        trunk,
      ],
    });
  });
});

describe("[PII-2] a text that was made to be slow to mask", () => {
  // Anything but linear takes minutes for these, which no test is given.
  const LENGTH = 250_000;
  it.each(["k", "a@", "a.", "+1", "tel:", "1 ", "@"])("[PII-2] of nothing but %j is masked all the same", (part) => {
    const text = part.repeat(LENGTH / part.length);
    const masked = maskJson({ data: { [text]: text } });
    expect(maskJson(masked)).toEqual(masked);
  });
});
