import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  AnalyticsUnavailable,
  analyticsFigures,
  failuresSql,
  figuresSql,
} from "../../../adapters/telemetry/analytics-query.ts";
import { engineAnalytics } from "../../../adapters/telemetry/analytics.ts";
import { ENDED_COLUMNS, endedPoint } from "../../../adapters/telemetry/ended-point.ts";
import type { FiguresQuery } from "../../../domain/sessions/figures.ts";
import { announce, emptyRow, report } from "../../../durable-objects/call-session/steps.ts";
import { viewOf } from "../../../durable-objects/call-session/view.ts";
import { CALL, IDENTITY, ROUTED, START_MS, TENANT, at, incoming } from "../../domain/call/fixtures.ts";

const QUERY: FiguresQuery = {
  fromMs: START_MS,
  toMs: START_MS + 7_200_000,
  bucketMs: 3_600_000,
  by: "trunk",
  lane: "standard",
  direction: "inbound",
};
const START_S = START_MS / 1000;

type Asked = { readonly url: string; readonly authorization: string; readonly sql: string };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** Plays the SQL API. @param answer status and body for each question; null: never answers. */
async function api(answer: (sql: string) => readonly [number, string] | null) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((sql) => {
      asked.push({ url: request.url ?? "", authorization: request.headers.authorization ?? "", sql });
      const given = answer(sql);
      if (given !== null) response.writeHead(given[0], { location: "http://127.0.0.1:9/" }).end(given[1]);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const account = { account: "0a1b", token: "secret-token", dataset: "trunkline_standard_test" };
  return { asked, read: (deadlineMs = 5_000) => analyticsFigures(account, base, deadlineMs)(TENANT, QUERY) };
}

const FIGURES = {
  meta: [],
  data: [
    {
      start_s: String(START_S),
      grouped: "main",
      sessions: "40",
      answered: 30,
      talk_ms: 600_000,
      delayed: 35,
      p50: 900,
      p95: 2_000,
      p99: 3_000,
    },
    { start_s: START_S, grouped: "", sessions: 10, answered: 0, talk_ms: 0, delayed: 0, p50: -1, p95: -1, p99: -1 },
  ],
  rows: 2,
};
const FAILURES = {
  data: [
    { start_s: START_S, grouped: "main", disposition: "busy", sip_code: "486", n: "10" },
    { start_s: START_S, grouped: "", disposition: "timeout", sip_code: "", n: 10 },
  ],
};

describe("[VCON-3] figures from Analytics Engine", () => {
  it("are sums of weights, asked for with the account's token", async () => {
    const { asked, read } = await api((sql) => [200, JSON.stringify(sql.includes("'failed'") ? FAILURES : FIGURES)]);
    expect(await read()).toEqual([
      {
        startMs: START_MS,
        group: "main",
        others: false,
        sessions: 40,
        seizures: 40,
        answered: 30,
        talkMs: 20_000,
        postDialDelayMs: [900, 2_000, 3_000],
        failures: [{ disposition: "busy", sipCode: 486, count: 10 }],
      },
      {
        startMs: START_MS,
        group: null,
        others: false,
        sessions: 10,
        seizures: 10,
        answered: 0,
        talkMs: null,
        postDialDelayMs: null,
        failures: [{ disposition: "timeout", sipCode: null, count: 10 }],
      },
    ]);
    expect(asked.map(({ url, authorization }) => [url, authorization])).toEqual(
      Array.from({ length: 2 }, () => ["/client/v4/accounts/0a1b/analytics_engine/sql", "Bearer secret-token"]),
    );
  });

  it("are of one tenant, one period, and what is filtered by", () => {
    for (const sql of [figuresSql("points", TENANT, QUERY), failuresSql("points", TENANT, QUERY)]) {
      expect(sql).toContain("FROM points WHERE index1 = 'demo' AND blob1 = 'call_ended'");
      expect(sql).toContain(`timestamp >= toDateTime(${START_S}) AND timestamp < toDateTime(${START_S + 7_200})`);
      expect(sql).toContain("blob2 = 'standard' AND blob9 = 'inbound'");
      expect(sql).toContain("sum(_sample_interval)");
      expect(sql).not.toMatch(/count\(/i);
    }
    expect(figuresSql("points", "x' OR '1'='1" as typeof TENANT, QUERY)).toContain("index1 = 'xOR11'");
  });

  it.each<[string, (sql: string) => readonly [number, string] | null]>([
    ["refuses", () => [403, "{}"]],
    ["sends us elsewhere", () => [302, ""]],
    ["makes no sense", () => [200, '{"data":[{}]}']],
    ["answers no JSON", () => [200, "<html>"]],
    ["does not answer", () => null],
  ])("cannot be had where it %s", async (_, answer) => {
    const { read } = await api(answer);
    await expect(read(200)).rejects.toBeInstanceOf(AnalyticsUnavailable);
  });
});

describe("[VCON-3] the point of an ended call", () => {
  it("has in its columns what figures are made of", () => {
    const call = announce(emptyRow(IDENTITY, START_MS), CALL, ROUTED, null, at(START_MS));
    const row = (["ringing", "answered", "ended"] as const).reduce((known, type, index) => {
      const atMs = START_MS + 2_000 * (index + 1);
      return report(known, incoming(type, atMs, { routeIndex: 0 }), at(atMs)).row;
    }, call);
    let written: AnalyticsEngineDataPoint = {};
    engineAnalytics({ writeDataPoint: (point) => void (written = point ?? {}) }).write(endedPoint(viewOf(row)));
    const columns = [
      ...(written.indexes ?? []).map((value, index) => [`index${index + 1}`, value]),
      ...(written.blobs ?? []).map((value, index) => [`blob${index + 1}`, value]),
      ...(written.doubles ?? []).map((value, index) => [`double${index + 1}`, value]),
    ];
    const byColumn = Object.fromEntries(columns) as Record<string, unknown>;
    expect(columns).toHaveLength(Object.keys(ENDED_COLUMNS).length);
    expect(Object.fromEntries(Object.entries(ENDED_COLUMNS).map(([name, column]) => [name, byColumn[column]]))).toEqual({
      tenant: TENANT,
      kind: "call_ended",
      lane: "standard",
      phase: "completed",
      disposition: "answered",
      trunk: "main",
      destination: "carrier-a",
      rule: "us",
      country: "US",
      direction: "inbound",
      sipCode: "",
      talkMs: 2_000,
      answered: 1,
      postDialDelayMs: 2_000,
    });
  });
});
