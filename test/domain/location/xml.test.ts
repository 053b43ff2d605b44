import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeXml, readXml } from "../../../domain/location/xml.ts";

describe("[EMG-10] XML", () => {
  it("is read with prefixes, attributes, references, CDATA, comments and instructions", () => {
    const text = `\uFEFF<?xml version="1.0"?><!-- a > b -->
      <p:a xmlns:p='u' b="1 &lt; 2" c='"'><?skip <this> ?>x &amp; y<![CDATA[ <z>&amp;]]><d/>&#65;&#x1F691;<!-- <no> --></p:a> `;
    const root = readXml(text);
    expect(root).toMatchObject({ name: "p:a", local: "a", text: "x & y <z>&amp;A🚑" });
    expect([...(root?.attributes ?? [])]).toEqual([
      ["xmlns:p", "u"],
      ["b", "1 < 2"],
      ["c", '"'],
    ]);
    expect(root?.children.map(({ name }) => name)).toEqual(["d"]);
  });

  it.each([
    ["nothing", ""],
    ["no element", "hello"],
    ["an end that is missing", "<a><b></b>"],
    ["an end too many", "<a></a></a>"],
    ["another end", "<a><b></a></b>"],
    ["two roots", "<a/><b/>"],
    ["text behind", "<a/>b"],
    ["text before", "b<a/>"],
    ["a document type", "<!DOCTYPE a><a/>"],
    ["an entity of its own", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ["a reference to what nobody has declared", "<a>&b;</a>"],
    ["an ampersand alone", "<a>R&D</a>"],
    ["a reference to no character", "<a>&#0;</a>"],
    ["a reference to half a character", "<a>&#xD800;</a>"],
    ["a reference too far", "<a>&#x110000;</a>"],
    ["a control character", "<a>\u0001</a>"],
    ["half a character", "<a>\uD83D</a>"],
    ["an attribute twice", '<a b="1" b="2"/>'],
    ["an attribute without quotes", "<a b=1/>"],
    ["an attribute with a tag in it", '<a b="<"/>'],
    ["attributes without a space", '<a b="1"c="2"/>'],
    ["a comment without end", "<a><!-- </a>"],
    ["CDATA without end", "<a><![CDATA[ </a>"],
    ["a name that is none", "<1/>"],
  ])("is not read: %s", (_, text) => {
    expect(readXml(text)).toBeNull();
  });

  it("is not read where it nests without end", () => {
    const nested = (depth: number) => "<a>".repeat(depth) + "</a>".repeat(depth);
    expect(readXml(nested(32))).not.toBeNull();
    expect(readXml(nested(33))).toBeNull();
    expect(readXml(nested(4_000))).toBeNull();
  });

  it("takes time in proportion to its length, whatever it is", () => {
    const hostile = [
      `<a ${'b="1" '.repeat(2_500)}<`,
      `<a${" ".repeat(16_000)}`,
      `<a>${"&".repeat(16_000)}`,
      `<a b="${"&amp;".repeat(3_000)}`,
      `<a>${"<!--".repeat(4_000)}`,
      `<a>${"<b>".repeat(31)}${"]]>".repeat(5_000)}`,
      `<${"a".repeat(16_000)}`,
    ];
    const startedMs = performance.now();
    for (const text of hostile) expect(readXml(text)).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it("says what was written into it, and never breaks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const root = readXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`);
        expect(root?.text).toBe(root?.attributes.get("b"));
        expect(root?.text.length).toBe(text.length);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."<>/&;!-[]?=\"' ab:") }), (text) => void readXml(text)));
  });
});
