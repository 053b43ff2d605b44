import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AuditAct,
  type AuditEntry,
  FIRST_HASH,
  MAX_AUDIT_DETAIL,
  MAX_AUDIT_TEXT,
  entryText,
  placed,
} from "../../../domain/audit/entry.ts";
import { type WalkOptions, walkChain } from "../../../domain/audit/verify.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

const ACT: AuditAct = {
  tenant: "demo" as TenantId,
  actor: "alice",
  via: "jwt",
  action: "trunks.create",
  resource: "trunks",
  requestId: "0123456789abcdef",
  sourceIp: "192.0.2.1",
  detail: { made: "trunks/main" },
};

function next(before: AuditEntry | null, act: AuditAct = ACT): AuditEntry {
  const sequence = (before?.sequence ?? 0) + 1;
  const place = { lane: "standard", sequence, atMs: sequence * 1_000, previousHash: before?.hash ?? FIRST_HASH } as const;
  const entry = placed(act, { outcome: "done", status: 201 }, place);
  return { ...entry, hash: hashOf(entryText(entry)) };
}

function chainOf(length: number): AuditEntry[] {
  const chain: AuditEntry[] = [];
  for (let at = 0; at < length; at++) chain.push(next(chain.at(-1) ?? null));
  return chain;
}

const CHAIN = chainOf(8);
const END = { atLeast: 8, atMost: 8, known: [{ sequence: 8, hash: CHAIN[7]!.hash }] };
const walk = (entries: readonly AuditEntry[], options: Omit<WalkOptions, "hashOf"> = END) =>
  walkChain(entries, { hashOf, ...options });
const faultOf = async (entries: readonly AuditEntry[], options?: Omit<WalkOptions, "hashOf">) =>
  (await walk(entries, options)).fault;

/** Somebody writes an entry anew, and everything that hangs on it, so that every hash is right. */
function rewritten(at: number): AuditEntry[] {
  const chain = CHAIN.slice(0, at);
  while (chain.length < CHAIN.length)
    chain.push(next(chain.at(-1) ?? null, chain.length === at ? { ...ACT, actor: "mallory" } : ACT));
  return chain;
}

describe("[AUD-2] what an entry's hash is over", () => {
  it("is the text that the documentation shows, so that anybody can follow a chain", () => {
    expect(entryText(CHAIN[0]!)).toBe(
      `["trunkline-audit-1","demo","standard",1,"1970-01-01T00:00:01.000Z","alice","jwt","trunks.create","trunks","done",201,"0123456789abcdef","192.0.2.1",{"made":"trunks/main"},"${"0".repeat(64)}"]`,
    );
  });

  it("does not depend on the order in which a store gives back the members of a detail", () => {
    const one = placed({ ...ACT, detail: { b: { y: 1, x: 2 }, a: 1 } }, { outcome: "done", status: 200 }, CHAIN[0]!);
    const other = { ...one, detail: { a: 1, b: { x: 2, y: 1 } } };
    expect(entryText(other)).toBe(entryText(one));
  });

  it("survives whatever a store does to JSON, and is bounded", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string({ unit: "binary" }), (detail, actor) => {
        const entry = placed({ ...ACT, actor, detail }, { outcome: "done", status: 200 }, CHAIN[0]!);
        expect(entryText(JSON.parse(JSON.stringify(entry)) as AuditEntry)).toBe(entryText(entry));
        expect(entryText(entry)).not.toContain("\\u0000");
        expect(entryText(entry).length).toBeLessThan(MAX_AUDIT_DETAIL + 8 * MAX_AUDIT_TEXT * 6);
      }),
      { numRuns: 30 },
    );
  });
});

describe("[AUD-4] following a chain", () => {
  it("finds nothing in one that is whole", async () => {
    expect(await walk(CHAIN)).toEqual({ fault: null, entries: 8, lastSequence: 8 });
    expect((await walk([], { atLeast: 0, atMost: 0 })).fault).toBeNull();
  });

  it("names the first entry that is missing, also at the beginning and at the end", async () => {
    expect(await faultOf(CHAIN.toSpliced(3, 1))).toEqual({ tag: "missing", sequence: 4 });
    expect(await faultOf(CHAIN.slice(1))).toEqual({ tag: "missing", sequence: 1 });
    expect(await faultOf(CHAIN.slice(0, 5))).toEqual({ tag: "missing", sequence: 6 });
    expect(await faultOf([])).toEqual({ tag: "missing", sequence: 1 });
  });

  it("names an entry of which any member was altered", async () => {
    const changes: readonly Partial<AuditEntry>[] = [
      { tenant: "other" as TenantId },
      { lane: "emergency" },
      { atMs: 1 },
      { actor: "bob" },
      { via: "api_key" },
      { action: "trunks.delete" },
      { resource: "trunks/x" },
      { outcome: "refused" },
      { status: 403 },
      { requestId: "x" },
      { sourceIp: null },
      { detail: {} },
      { previousHash: FIRST_HASH },
      { hash: FIRST_HASH },
    ];
    for (const change of changes)
      expect(await faultOf(CHAIN.with(4, { ...CHAIN[4]!, ...change }))).toEqual({ tag: "altered", sequence: 5 });
  });

  it("names an entry that was altered together with its hash by the next one, which does not follow", async () => {
    const altered = { ...CHAIN[4]!, actor: "bob" };
    const forged = { ...altered, hash: hashOf(entryText(altered)) };
    expect(await faultOf(CHAIN.with(4, forged))).toEqual({ tag: "unlinked", sequence: 6 });
  });

  it("finds a chain that was written anew to its end by what the object knows", async () => {
    expect(await faultOf(rewritten(3))).toEqual({ tag: "rewritten", sequence: 8 });
    const known = CHAIN.slice(5).map(({ sequence, hash }) => ({ sequence, hash }));
    expect(await faultOf(rewritten(3), { ...END, known })).toEqual({ tag: "rewritten", sequence: 6 });
  });

  it("names entries that stand in another order, twice, or behind the end", async () => {
    expect(await faultOf(CHAIN.with(2, CHAIN[3]!).with(3, CHAIN[2]!))).toEqual({ tag: "out_of_place", sequence: 3 });
    expect(await faultOf(CHAIN.toSpliced(3, 0, CHAIN[2]!))).toEqual({ tag: "out_of_place", sequence: 3 });
    expect(await faultOf([...CHAIN, next(CHAIN[7]!)])).toEqual({ tag: "inserted", sequence: 9 });
  });

  it("of a part asks for nothing before its first entry, and nothing behind its last", async () => {
    expect(await faultOf(CHAIN.slice(2, 6), { isPart: true, atMost: 8 })).toBeNull();
    expect(await faultOf(CHAIN.slice(2, 6).toSpliced(1, 1), { isPart: true, atMost: 8 })).toEqual({
      tag: "missing",
      sequence: 4,
    });
  });
});
