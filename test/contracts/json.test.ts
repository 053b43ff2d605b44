import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES, parseJsonObject } from "../../contracts/json.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const codeOf = (body: Uint8Array): string => {
  const parsed = parseJsonObject(body);
  return parsed.ok ? "ok" : parsed.error.code;
};
const nested = (open: string, close: string, depth: number): string => `{"a":${open.repeat(depth)}1${close.repeat(depth)}}`;

describe("[IN-9] a body", () => {
  it("is read as JSON reads it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 5 })), (value) => {
        const text = JSON.stringify(value);
        expect(parseJsonObject(encode(text))).toEqual({ ok: true, value: JSON.parse(text) as unknown });
      }),
    );
  });

  it.each([
    ["", "not_json"],
    ["{", "not_json"],
    ["{'a':1}", "not_json"],
    ['{"a":1} x', "not_json"],
    ['{"a":"', "not_json"],
    ['{"a":"\\', "not_json"],
    ["]]]]", "not_json"],
    ["[]", "not_an_object"],
    ['[{"a":1}]', "not_an_object"],
    ["null", "not_an_object"],
    ["5", "not_an_object"],
    ['"text"', "not_an_object"],
  ])("%j is %s", (text, code) => {
    expect(codeOf(encode(text))).toBe(code);
  });

  it.each([[[0xff, 0xfe]], [[0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]], [[0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]]])(
    "of the bytes %j is not UTF-8",
    (bytes) => {
      expect(codeOf(Uint8Array.from(bytes))).toBe("not_utf8");
    },
  );

  it("may nest sixteen levels deep and no deeper", () => {
    expect(codeOf(encode(nested("[", "]", 15)))).toBe("ok");
    expect(codeOf(encode(nested("[", "]", 16)))).toBe("too_deep");
    expect(codeOf(encode(nested('{"a":', "}", 16)))).toBe("too_deep");
  });

  it.each(["[", '{"a":', "[]", "]", '"', "\\", '[""'])("of %j over and over is refused at once", (piece) => {
    const body = encode(piece.repeat(Math.floor(MAX_BODY_BYTES / piece.length)));
    const started = performance.now();
    expect(["too_deep", "not_json"]).toContain(codeOf(body));
    expect(performance.now() - started).toBeLessThan(200);
  });

  it("does not count brackets within texts, also after escaped quotes", () => {
    expect(codeOf(encode(JSON.stringify({ a: `"${"[".repeat(100)}`, b: "\\" })))).toBe("ok");
    expect(codeOf(encode(`{"a":"\\\\","b":${"[".repeat(20)}${"]".repeat(20)}}`))).toBe("too_deep");
  });

  it("is a value and not an exception, whatever the bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof parseJsonObject(bytes).ok === "boolean"));
  });
});
