import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Container, openContainer, packContainer } from "../../../domain/packed/container.ts";
import { crc32 } from "../../../domain/packed/crc32.ts";

const sample = (): Uint8Array =>
  packContainer([
    { name: "words", data: Uint32Array.of(1, 2, 0xffffffff) },
    { name: "numbers", data: Float64Array.of(0.5, 493012345678) },
    { name: "text", data: new TextEncoder().encode("trunk") },
    { name: "nothing", data: new Uint8Array(0) },
  ]);

function read(container: Container) {
  return {
    words: [...container.uint32("words")],
    numbers: [...container.float64("numbers")],
    text: new TextDecoder().decode(container.bytes("text")),
  };
}

const CONTENT = { words: [1, 2, 0xffffffff], numbers: [0.5, 493012345678], text: "trunk" };

describe("a packed container", () => {
  it("gives back its sections; what is not there reads as empty", () => {
    const opened = openContainer(sample());
    expect(opened.ok && read(opened.value)).toEqual(CONTENT);
    expect(opened.ok && opened.value.bytes("nothing").length + opened.value.uint32("absent").length).toBe(0);
  });

  it("reads the same where the bytes are not aligned in their buffer", () => {
    const bytes = sample();
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    const opened = openContainer(shifted);
    expect(opened.ok && read(opened.value)).toEqual(CONTENT);
  });

  it("does not copy what is aligned", () => {
    const bytes = sample();
    const opened = openContainer(bytes);
    expect(opened.ok && opened.value.uint32("words").buffer).toBe(bytes.buffer);
  });

  it("[CFG-13] is refused wherever it is cut off", () => {
    const bytes = sample();
    for (let length = 0; length < bytes.length; length++)
      expect(openContainer(bytes.slice(0, length))).toEqual({ ok: false, error: "truncated" });
  });

  it("[CFG-13] is refused with any single bit turned", () => {
    const bytes = sample();
    const FORMAT_BITS = [32, 64] as const;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const opened = openContainer(damaged);
      const isFormat = bit >= FORMAT_BITS[0] && bit < FORMAT_BITS[1];
      expect(opened.ok ? "opened" : opened.error).toMatch(isFormat ? /^unknown_format$/ : /^(corrupt|truncated)$/);
    }
  });

  it("[CFG-13] is refused with anything behind it", () => {
    expect(openContainer(new Uint8Array([...sample(), 0]))).toEqual({ ok: false, error: "corrupt" });
  });

  it("refuses arbitrary bytes, also those with a sound head, and never throws", () => {
    const head = sample().slice(0, 8);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, withHead) => {
        const given = withHead ? new Uint8Array([...head, ...bytes]) : bytes;
        expect(openContainer(given).ok).toBe(false);
      }),
    );
  });

  it("refuses sections that lead out of it, though the checksum is right", () => {
    const bytes = sample();
    const view = new DataView(bytes.buffer);
    const forge = (at: number, value: number): Uint8Array => {
      const forged = bytes.slice();
      const words = new DataView(forged.buffer);
      words.setUint32(at, value, true);
      words.setUint32(12, crc32(forged, 16), true);
      return forged;
    };
    const [count, offset, length] = [16, 48, 52];
    expect(openContainer(forge(count, view.getUint32(count, true))).ok).toBe(true);
    for (const [at, value] of [
      [count, 1_000],
      [count, 0xffffffff],
      [offset, bytes.length],
      [offset, 3],
      [length, bytes.length],
      [length, 0xffffffff],
    ] as const)
      expect(openContainer(forge(at, value))).toEqual({ ok: false, error: "corrupt" });
  });
});

describe("the checksum", () => {
  it("is that of gzip", () => {
    const of = (text: string): number => crc32(new TextEncoder().encode(text));
    // The check value of CRC-32/ISO-HDLC, and zlib.crc32 of Python for the others.
    expect(of("123456789")).toBe(0xcbf43926);
    expect(of("")).toBe(0);
    expect(of("The quick brown fox jumps over the lazy dog")).toBe(0x414fa339);
  });
});
