import { spawnSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gunzip, gzip } from "../../../adapters/r2/gzip.ts";
import { planSegments } from "../../../domain/events/segment.ts";
import { entriesFrom } from "../../domain/events/entries.ts";

const START_MS = Date.parse("2026-03-01T12:00:00.000Z");

async function segment(): Promise<{ readonly bytes: Buffer; readonly members: Uint8Array[]; readonly text: string }> {
  const [planned] = planSegments("eu-0-3", 1, entriesFrom(START_MS, 200, 5));
  const texts = planned!.blocks.map((block) => block.map(({ line }) => `${line}\n`).join(""));
  const members = await Promise.all(texts.map(gzip));
  return { bytes: Buffer.concat(members), members, text: texts.join("") };
}

describe("[EVT-12] a segment's bytes", () => {
  it("are blocks that unpack one by one, and one gzip file as a whole (RFC 1952 §2.2)", async () => {
    const { bytes, members, text } = await segment();
    expect(members.length).toBeGreaterThan(1);
    expect(gunzipSync(bytes).toString("utf8")).toBe(text);
    expect((await Promise.all(members.map(gunzip))).join("")).toBe(text);
  });

  it("are readable with zcat", async () => {
    const { bytes, text } = await segment();
    const { status, stdout } = spawnSync("gzip", ["-dc"], { input: bytes, encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toBe(text);
  });

  it("are the same when a flush is repeated", async () => {
    expect((await segment()).bytes.equals((await segment()).bytes)).toBe(true);
  });

  it("are refused when they are damaged or cut short", async () => {
    const { members } = await segment();
    const [first] = members as [Uint8Array];
    await expect(gunzip(first.slice(0, -9))).rejects.toBeInstanceOf(Error);
    const damaged = first.slice();
    damaged[Math.floor(damaged.length / 2)]! ^= 0xff;
    await expect(gunzip(damaged)).rejects.toBeInstanceOf(Error);
  });

  it("keep every character of every script", async () => {
    expect(await gunzip(await gzip('{"name":"Zoë 📞 ٣"}\n'))).toBe('{"name":"Zoë 📞 ٣"}\n');
  });
});
