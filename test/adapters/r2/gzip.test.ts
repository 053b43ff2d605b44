import { spawnSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gunzipMembers, gzip } from "../../../adapters/r2/gzip.ts";
import { planSegments } from "../../../domain/events/segment.ts";
import { entriesFrom } from "../../domain/events/entries.ts";

const START_MS = Date.parse("2026-03-01T12:00:00.000Z");

function segment(): { readonly bytes: Buffer; readonly members: Uint8Array[]; readonly text: string } {
  const [planned] = planSegments("eu-0-3", 1, entriesFrom(START_MS, 600, 5));
  const texts = planned!.blocks.map((block) => block.map(({ line }) => `${line}\n`).join(""));
  const members = texts.map((text) => gzip(text));
  return { bytes: Buffer.concat(members), members, text: texts.join("") };
}

describe("[EVT-12] a segment's bytes", () => {
  it("are blocks that unpack one by one, and one gzip file as a whole (RFC 1952 §2.2)", () => {
    const { bytes, members, text } = segment();
    expect(members.length).toBeGreaterThan(1);
    expect(gunzipSync(bytes).toString("utf8")).toBe(text);
    expect(members.map(gunzipMembers).join("")).toBe(text);
  });

  it("are readable with zcat", () => {
    const { bytes, text } = segment();
    const { status, stdout } = spawnSync("gzip", ["-dc"], { input: bytes, encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toBe(text);
  });

  it("are the same when a flush is repeated", () => {
    expect(segment().bytes.equals(segment().bytes)).toBe(true);
  });

  it("are refused when they are damaged or cut short", () => {
    const { members } = segment();
    const [first] = members as [Uint8Array];
    expect(() => gunzipMembers(first.slice(0, -9))).toThrow(Error);
    const damaged = first.slice();
    damaged[Math.floor(damaged.length / 2)]! ^= 0xff;
    expect(() => gunzipMembers(damaged)).toThrow(Error);
  });

  it("keep every character of every script", () => {
    expect(gunzipMembers(gzip('{"name":"Zoë 📞 ٣"}\n'))).toBe('{"name":"Zoë 📞 ٣"}\n');
  });
});
