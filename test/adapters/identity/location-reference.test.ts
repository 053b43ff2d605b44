import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  LOCATION_REFERENCE_MS,
  laneOfReference,
  locationReference,
  readLocationReference,
} from "../../../adapters/identity/location-reference.ts";
import { freshSessionId } from "../../../domain/shared/ids.ts";
import { NOW_MS } from "./tenant-fixture.ts";

const KEY = "Y29uZmlndXJhdGlvbiBrZXkgb2YgdGVzdHMgb25seSE=";
const SESSION = freshSessionId(NOW_MS, new Uint8Array(16), "emergency");
const UNTIL_MS = NOW_MS + LOCATION_REFERENCE_MS;

describe("[EMG-11] a reference to a caller's location", () => {
  it("leads to the session until it expires, and fits into a URL as it is", async () => {
    const text = await locationReference(KEY, SESSION, UNTIL_MS);
    const untilMs = Math.floor(UNTIL_MS / 1000) * 1000;
    expect(await readLocationReference(KEY, text, NOW_MS)).toEqual({ session: SESSION, untilMs });
    expect(await readLocationReference(KEY, text, untilMs - 1)).toEqual({ session: SESSION, untilMs });
    expect(await readLocationReference(KEY, text, untilMs)).toBeNull();
    expect(encodeURIComponent(text)).toBe(text);
    expect(new URL(`https://a.example/${text}`).pathname).toBe(`/${text}`);
    expect(laneOfReference(text)).toBe("emergency");
  });

  it("is nothing when anything in it is changed", async () => {
    const text = await locationReference(KEY, SESSION, UNTIL_MS);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), fc.constantFrom(..."0123456789abcdefz~-"), async (at, character) => {
        fc.pre(text[at] !== character);
        const other = text.slice(0, at) + character + text.slice(at + 1);
        expect(await readLocationReference(KEY, other, NOW_MS)).toBeNull();
      }),
    );
  });

  it.each(["", "~", "~~", SESSION, `${SESSION}~zzzzzzzz~${"0".repeat(32)}`])("is none of ours: %j", async (text) => {
    expect(await readLocationReference(KEY, text, NOW_MS)).toBeNull();
  });

  it("is good with the deployment's own key alone", async () => {
    const text = await locationReference(KEY, SESSION, UNTIL_MS);
    expect(await readLocationReference(KEY.replace("Y", "Z"), text, NOW_MS)).toBeNull();
  });
});
