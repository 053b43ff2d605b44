/** A tenant with many rules: up through the front door, in force, down again, changed in one row, and back. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client, Json } from "../system/client.ts";
import { type World, startWorld } from "../system/harness.ts";

const RULES = 60_000;
/** A hundredth of them. */
const LINES_PER_PIECE = 600;
const CHANGED = 41_234;
const BLOCK = "+447400";

let world: World;
let admin: Client;
let authorization: string;

beforeAll(async () => {
  world = await startWorld();
  authorization = `Bearer ${await world.system.token("admin")}`;
  admin = world.gate.as(authorization);
});
afterAll(() => world.end());

const GROUP = "/v1/routing-rules?group=world";
const HEADER = "prefix,destinations,id,trunk,precedence,strategy,rerouteCauses,maxDurationMs,enabled,rule\r\n";
const numberOf = (row: number): string => String(row).padStart(6, "0");
const lineOf = (row: number, destinations: string): string => `${BLOCK}${numberOf(row)},${destinations},,,,,,,,\r\n`;
const usual = (row: number): string => (row % 2 === 0 ? "gateway-a|gateway-b" : "gateway-b|gateway-a:3");
const fileWith = (destinationsOf: (row: number) => string): string =>
  HEADER + Array.from({ length: RULES }, (_, row) => lineOf(row, destinationsOf(row))).join("");

function bodyOf(pieces: Iterator<string> | AsyncIterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
}

/** In pieces, as a file is sent. */
async function upload(text: string): Promise<{ readonly status: number; readonly json: Json }> {
  const lines = text.split(/(?<=\n)/);
  const pieces = Array.from({ length: Math.ceil(lines.length / LINES_PER_PIECE) }, (_, piece) =>
    lines.slice(piece * LINES_PER_PIECE, (piece + 1) * LINES_PER_PIECE).join(""),
  );
  const body = bodyOf(pieces.values());
  const init = { method: "PUT", body, duplex: "half", headers: { authorization, "content-type": "text/csv" } };
  const response = await fetch(`${admin.url}${GROUP}`, init as RequestInit);
  return { status: response.status, json: (await response.json()) as Json };
}

const download = async (): Promise<string> => (await admin.get(GROUP, { headers: { accept: "text/csv" } })).text;
const publish = async (): Promise<Json> => {
  const answer = await admin.post("/v1/config/publish", {});
  expect([answer.status, answer.json["code"]]).toEqual([200, undefined]);
  return answer.json;
};
const callTo = async (row: number): Promise<Json> => {
  const call = { from: "+15550100100", to: `${BLOCK}${numberOf(row)}`, channel: "api" };
  return (await admin.post("/v1/calls", call)).json["plan"] as Json;
};
const destinationsIn = (plan: Json) => (plan["destinations"] as readonly Json[]).map((each) => each["id"]);

/** A version is in force here at the latest after this. */
const IN_FORCE_WITHIN_MS = 10_000;
async function sendsTo(row: number, ...ids: readonly string[]): Promise<void> {
  await expect.poll(async () => destinationsIn(await callTo(row)), { timeout: IN_FORCE_WITHIN_MS }).toEqual(ids);
}

describe("[CFG-5] a configuration of many rules", () => {
  it("goes up through the front door, decides calls, comes down as it went up, and goes back by one version", async () => {
    const file = fileWith(usual);
    expect(await upload(file)).toEqual({ status: 200, json: { rows: RULES } });
    const first = await publish();
    expect(first["changes"]).toMatchObject({ added: RULES, removed: 0, changed: 0 });
    await sendsTo(CHANGED, "gateway-a", "gateway-b");
    expect(await callTo(RULES - 1)).toMatchObject({ decidedBy: "rule", ruleId: `world-447400${numberOf(RULES - 1)}` });
    expect(await download()).toBe(file);

    const version = (await admin.get("/v1/config/versions?limit=1")).json["items"] as readonly Json[];
    expect(await upload(file)).toEqual({ status: 200, json: { rows: RULES } });
    expect(await publish()).toMatchObject({ version: first["version"], changed: false });

    await upload(fileWith((row) => (row === CHANGED ? "front-desk" : usual(row))));
    const change = { added: 0, removed: 0, changed: 1, list: [{ key: `world-447400${numberOf(CHANGED)}` }] };
    expect((await admin.get("/v1/config/diff")).json).toMatchObject(change);
    expect((await publish())["changes"]).toMatchObject(change);
    await sendsTo(CHANGED, "front-desk");

    const question = { call: { from: "+15550100100", to: `${BLOCK}${numberOf(CHANGED)}`, channel: "api" }, version: "draft" };
    const explained = await admin.post("/v1/routing/explain", question);
    expect(explained.json["plan"]).toMatchObject({ decidedBy: "rule", ruleId: `world-447400${numberOf(CHANGED)}` });

    const back = await admin.post("/v1/config/rollback", { version: version[0]!["version"] });
    expect([back.status, back.json["changed"]]).toEqual([200, true]);
    await sendsTo(CHANGED, "gateway-a", "gateway-b");
  });

  it("that breaks off on its way changes nothing", async () => {
    const before = await admin.get("/v1/config/draft", { headers: { accept: "application/x-ndjson" } });
    const stop = new AbortController();
    async function* broken() {
      yield HEADER;
      for (let row = 0; row < RULES / 2; row++) yield lineOf(row, "front-desk");
      // The connection ends here, without the end of the body.
      stop.abort();
    }
    const body = bodyOf(broken());
    const init = { method: "PUT", body, duplex: "half", headers: { authorization, "content-type": "text/csv" } };
    const sent = fetch(`${admin.url}${GROUP}`, { ...init, signal: stop.signal } as RequestInit);
    await expect(sent).rejects.toThrow("aborted");
    const after = await admin.get("/v1/config/draft", { headers: { accept: "application/x-ndjson" } });
    expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
    expect(after.text === before.text).toBe(true);
  });
});
