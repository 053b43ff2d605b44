/** What an operator sees from outside: logs, traces, metrics, readiness. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/deadline.ts";
import type { LaneName } from "../../local/lane-messages.ts";
import type { Client, Json } from "./client.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, type World, startWorld } from "./harness.ts";
import { type Sample, familiesIn, samplesIn } from "./prometheus.ts";

const LOG_DEADLINE_MS = 5_000;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.end();
});

const newTrace = () => {
  const traceId = randomBytes(16).toString("hex");
  return { traceId, headers: { traceparent: `00-${traceId}-${randomBytes(8).toString("hex")}-01` } };
};
const linesOf = (lane: LaneName): readonly Json[] => world.logLines(lane).map((line) => JSON.parse(line) as Json);
const about = (lane: LaneName, traceId: string, message: string) =>
  linesOf(lane).filter((line) => line["traceId"] === traceId && line["message"] === message);

async function logged(lane: LaneName, traceId: string, message: string, count = 1): Promise<readonly Json[]> {
  await until(() => about(lane, traceId, message).length >= count, LOG_DEADLINE_MS);
  const found = about(lane, traceId, message);
  expect([message, lane, found.length]).toEqual([message, lane, count]);
  return found;
}

describe("logs", () => {
  it("[OBS-4] each request is one JSON line per lane that it passes, with what one asks first", async () => {
    for (const [call, passed] of [
      [ORDINARY_CALL, ["emergency", "standard"]],
      [EMERGENCY_CALL, ["emergency"]],
    ] as const) {
      const { traceId, headers } = newTrace();
      const answer = await world.gate.post("/v1/calls", call, { headers });
      for (const lane of passed) {
        const [line] = await logged(lane, traceId, "request");
        expect(line).toMatchObject({
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          level: "info",
          lane,
          requestId: expect.stringMatching(/./),
          traceId,
          method: "POST",
          status: 201,
          durationMs: expect.any(Number),
        });
      }
      expect((await logged("emergency", traceId, "request"))[0]!["requestId"]).toBe(answer.headers.get("x-request-id"));
    }
  });

  it("[OBS-4] a refused request is one line too, with the reason and the id that the caller was told", async () => {
    const { traceId, headers } = newTrace();
    const answer = await world.standard.as(undefined).post("/v1/calls", ORDINARY_CALL, { headers });
    const [line] = await logged("standard", traceId, "request");
    expect(line).toMatchObject({ status: 401, failure: "unauthenticated", requestId: answer.json["requestId"] });
  });

  it.each([
    ["standard", ORDINARY_CALL],
    ["emergency", EMERGENCY_CALL],
  ] as const)(
    "[OBS-5] on the %s lane the caller's trace id is in each request's line, each transition's line and each stored event",
    async (lane, call) => {
      const announced = newTrace();
      const { id } = (await world.gate.post("/v1/calls", call, { headers: announced.headers })).json;
      const steps = [announced.traceId];
      for (const [type, from, to] of [
        ["ringing", "initiating", "ringing"],
        ["answered", "ringing", "active"],
        ["ended", "active", "completed"],
      ]) {
        const { traceId, headers } = newTrace();
        await world.gate.post(`/v1/sessions/${String(id)}/events`, { id: type, type }, { headers });
        const [transition] = await logged(lane, traceId, "session transition");
        expect(transition).toMatchObject({ sessionId: id, from, to });
        await logged(lane, traceId, "request");
        steps.push(traceId);
      }
      // The opening is no step from another phase: the line of its request tells it.
      const requests = await logged(lane, announced.traceId, "request");
      expect(requests).toContainEqual(expect.objectContaining({ sessionId: id, state: "initiating", action: "route" }));
      const events = (await world.gate.get(`/v1/sessions/${String(id)}/events`)).json["items"] as readonly Json[];
      const traces = events.map((event) => String(event["traceparent"]).split("-")[1]);
      expect(new Set(traces)).toEqual(new Set(steps));
      expect(traces.slice(0, 3)).toEqual([announced.traceId, announced.traceId, announced.traceId]);
    },
  );

  it("[OBS-4] no caller's text breaks a line or writes one", async () => {
    const forged = '{"message":"forged","level":"info"}';
    const { traceId, headers } = newTrace();
    const text = `\n${forged}\r\n\u2028${forged}`;
    await world.gate.post("/v1/calls", { ...ORDINARY_CALL, from: text, metadata: { text }, [text]: 1 }, { headers });
    await world.gate.post("/pbx/kamailio/events", { callId: "x", type: text, reason: text, contact: text }, { headers });
    await world.gate.get(`/v1/sessions/${encodeURIComponent(text)}`, { headers: { ...headers, "cf-connecting-ip": forged } });
    await logged("standard", traceId, "request", 3);
    for (const lane of ["standard", "emergency"] as const)
      expect(linesOf(lane).filter((line) => line["message"] === "forged")).toEqual([]);
  });

  it("[OBS-3] no telephone number, URI or other personal text is in any line of the log files in full", async () => {
    const { gate } = world;
    const caller = "5557654321";
    const callee = "2127363100";
    const person = "Erika Mustermann";
    const traces = [];
    for (const body of [
      { ...ORDINARY_CALL, from: `+1${caller}`, to: `+1${callee}`, metadata: { person, phone: caller } },
      { ...ORDINARY_CALL, from: `sip:${caller}@erika.example`, to: `tel:+1-212-736-3100` },
      { ...ORDINARY_CALL, from: `+1${caller}`, to: `not a number ${callee}` },
      { ...EMERGENCY_CALL, from: `+1${caller}`, location: { type: "civic", country: "DE", street: person } },
      { ...EMERGENCY_CALL, from: `"${person}" <sip:${caller}@erika.example>` },
    ]) {
      const { traceId, headers } = newTrace();
      traces.push(traceId);
      const { id } = (await gate.post("/v1/calls", body, { headers })).json;
      if (id !== undefined)
        await gate.post(`/v1/sessions/${String(id)}/events`, {
          type: "ended",
          contact: `sip:${callee}@erika.example`,
          reason: person,
        });
    }
    const kamailio = newTrace();
    await gate.post(
      "/pbx/kamailio/route",
      {
        callId: `${person.replace(" ", ".")}@erika.example`,
        from: `sip:+1${caller}@x`,
        to: `sip:+1${callee}@x`,
        ruri: `sip:+1${callee}@x`,
      },
      kamailio,
    );
    for (const traceId of [...traces, kamailio.traceId])
      await until(() => about("emergency", traceId, "request").length > 0, LOG_DEADLINE_MS);
    await expect.poll(() => about("standard", kamailio.traceId, "request").length, { timeout: LOG_DEADLINE_MS }).toBe(1);
    const all = [...world.logLines("standard"), ...world.logLines("emergency")].join("\n");
    for (const secret of [
      caller,
      callee,
      "212-736-3100",
      "Mustermann",
      "erika.example",
      ...Object.values(world.system.apiKeys),
    ])
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
  });
});

describe("GET /metrics", () => {
  const scrape = async (client: Client = world.gate.as(undefined)) => samplesIn((await client.get("/metrics")).text);
  const total = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>) =>
    samples
      .filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);

  it("[OBS-1] is Prometheus text: every family typed once, every series once, histograms cumulative", async () => {
    await world.gate.post("/v1/calls", ORDINARY_CALL);
    const answer = await world.gate.as(undefined).get("/metrics");
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const families = familiesIn(answer.text);
    const samples = samplesIn(answer.text);
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    expect(new Set(samples.map(({ series }) => series)).size).toBe(samples.length);
    for (const { name } of samples) expect([name, families.some((family) => family.owns(name))]).toEqual([name, true]);
    const buckets = Map.groupBy(
      samples.filter(({ name }) => name.endsWith("_bucket")),
      ({ series }) => series.replace(/,?le="[^"]*"/, ""),
    );
    expect(buckets.size).toBeGreaterThan(0);
    for (const [series, own] of buckets) {
      const values = own.map(({ value }) => value);
      expect([series, values]).toEqual([series, [...values].sort((a, b) => a - b)]);
      expect(own.at(-1)!.labels["le"]).toBe("+Inf");
      const count = samples.find((sample) => sample.series === series.replace("_bucket{", "_count{"));
      expect([series, count?.value]).toEqual([series, values.at(-1)]);
    }
  });

  it("[OBS-2] counts what was done, on both lanes, and nothing else", async () => {
    const { gate } = world;
    const before = await scrape();
    const ids = [];
    for (let time = 0; time < 3; time++)
      ids.push((await gate.post("/v1/calls", { ...ORDINARY_CALL, callId: `counted-${time}` })).json["id"]);
    await gate.post("/v1/calls", { ...ORDINARY_CALL, callId: "counted-0" });
    for (let time = 0; time < 2; time++) await gate.post("/v1/calls", EMERGENCY_CALL);
    for (const id of ids)
      for (const type of ["answered", "ended", "ended"])
        await gate.post(`/v1/sessions/${String(id)}/events`, { id: type, type });
    await gate.as("Bearer nobody").post("/v1/calls", ORDINARY_CALL);
    const after = await scrape();
    const grown = (name: string, labels: Readonly<Record<string, string>>) =>
      total(after, name, labels) - total(before, name, labels);
    expect(grown("trunkline_calls_total", { lane: "standard", channel: "api", action: "route" })).toBe(3);
    expect(grown("trunkline_calls_total", { lane: "emergency" })).toBe(2);
    expect(grown("trunkline_call_setup_duration_seconds_count", { lane: "standard" })).toBe(3);
    expect(grown("trunkline_reports_total", { type: "answered", applied: "true" })).toBe(3);
    expect(grown("trunkline_reports_total", { type: "ended", applied: "true" })).toBe(3);
    expect(grown("trunkline_reports_total", { type: "ended", applied: "false" })).toBe(3);
    expect(grown("trunkline_sessions_ended_total", { lane: "standard", disposition: "answered" })).toBe(3);
    expect(grown("trunkline_authentication_failures_total", {})).toBe(1);
    expect(grown("trunkline_http_requests_total", { lane: "standard", method: "POST", status: "201" })).toBe(3);
    expect(grown("trunkline_http_requests_total", { lane: "emergency", method: "POST", status: "201" })).toBe(5);
  });

  it("[OBS-1] does not grow with what callers make up", async () => {
    await Promise.all(Array.from({ length: 5 }, (_, index) => world.gate.get(`/warm-up-${index}`)));
    const before = (await scrape()).length;
    for (let time = 0; time < 60; time++) await world.gate.get(`/v1/sessions/made-up-${time}?x=${time}`);
    for (let time = 0; time < 60; time++)
      await world.gate.post(`/made-up-${time}`, {}, { headers: { "x-made-up": String(time) } });
    const after = await scrape();
    // A new status of a known route is a histogram and a counter or two; 120 paths are not 120 series.
    expect(after.length - before).toBeLessThan(90);
    expect(after.some(({ series }) => series.includes("made-up"))).toBe(false);
  });
});

describe("GET /healthz and /readyz", () => {
  const ready = async (client: Client) => {
    const { status, json } = await client.as(undefined).get("/readyz");
    const checks = Object.entries(json["checks"] as Readonly<Record<string, Json>>);
    return {
      http: status,
      status: json["status"],
      lane: json["lane"],
      failing: checks.filter(([, check]) => check["ok"] !== true).map(([name]) => name),
      names: checks.map(([name]) => name).sort(),
    };
  };

  it("[OBS-7] name each dependency, without credentials", async () => {
    for (const [client, lane] of [
      [world.gate, "emergency"],
      [world.standard, "standard"],
    ] as const) {
      expect((await client.as(undefined).get("/healthz")).json).toMatchObject({ status: "ok", lane });
    }
    expect(await ready(world.standard)).toEqual({
      http: 200,
      status: "ready",
      lane: "standard",
      failing: [],
      names: ["config", "database", "eventLog", "events", "sessions"],
    });
    expect(await ready(world.gate)).toMatchObject({
      http: 200,
      status: "ready",
      lane: "emergency",
      failing: [],
      names: ["config", "database", "eventLog", "events", "sessions", "standardLane"],
    });
  });

  it("[OBS-7] without Postgres both lanes are degraded, say so with 200, and take calls", async () => {
    await world.system.kill("postgres");
    await world.system.stopLane("postgres");
    try {
      for (const client of [world.gate, world.standard]) {
        expect(await ready(client)).toMatchObject({ http: 200, status: "degraded", failing: ["database"] });
        expect((await client.as(undefined).get("/healthz")).status).toBe(200);
        expect((await client.post("/v1/calls", ORDINARY_CALL)).status).toBe(201);
      }
    } finally {
      await world.system.startLane("postgres");
    }
    await expect.poll(async () => (await ready(world.gate)).status, { timeout: 10_000 }).toBe("ready");
  });

  it("[OBS-7] without the standard lane the gate is degraded and says so with 200, and its metrics are its own", async () => {
    await world.system.stopLane("standard");
    try {
      expect(await ready(world.gate)).toMatchObject({ http: 200, status: "degraded", failing: ["standardLane"] });
      const lanes = (await scrapeLanes(world.gate)).filter((lane) => lane !== undefined);
      expect(new Set(lanes)).toEqual(new Set(["emergency"]));
    } finally {
      await world.system.startLane("standard");
    }
    expect(await ready(world.gate)).toMatchObject({ status: "ready" });
  });

  const scrapeLanes = async (client: Client) =>
    samplesIn((await client.as(undefined).get("/metrics")).text).map(({ labels }) => labels["lane"]);
});
