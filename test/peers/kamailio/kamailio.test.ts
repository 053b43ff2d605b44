/** Real calls: SIPp through Kamailio, decided and recorded by the system that `npm start` brings up. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../local/deadline.ts";
import { removeState } from "../../../local/state.ts";
import { type System, startSystem } from "../../../local/system.ts";
import { type Kamailio, kamailioAvailable, startKamailio } from "./harness.ts";
import { type ExpectedCourse, type Gateway, type GatewayScenario, placeCalls, startGateway } from "./sipp.ts";

const available = kamailioAvailable();
if (!available) console.warn("Skipped: calls through Kamailio need the programs kamailio and sipp.");

const BASE = Number(process.env["PEER_PORT_BASE"] ?? 25_060);
const PORT = { sip: BASE, caller: BASE + 20, staticPsap: BASE + 19, http: Number(process.env["PEER_HTTP_PORT"] ?? 18_820) };
/** Where the demo tenant's destinations listen (local/seed/demo.yaml). */
const GATEWAY = { a: 5_071, b: 5_072, psap: 5_073 };
/** The last report may wait for a retry. */
const SETTLED_DEADLINE_MS = 60_000;
/** In memory where that is to be had: the calls have deadlines, and the disk of a shared machine does not. */
const SCRATCH = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const READERS = 8;
/** Beyond the numbers of the demo tenant that have rules of their own. */
const FIRST_NUMBER = 5_000;
const CARRIER_FACTS = /^dev\.trunkline\.call\.(started|failover|answered|ended|failed|cancelled)\.v1$/;
const fact = (name: string) => `dev.trunkline.call.${name}.v1`;

type SessionView = { readonly id: string; readonly lane: string; readonly state: string; readonly disposition?: string | null };
type EventPage = { readonly items: readonly { readonly type: string }[]; readonly nextCursor?: string };

describe.skipIf(!available)("calls through Kamailio", () => {
  const dir = mkdtempSync(join(SCRATCH, "trunkline-calls-"));
  let system: System;
  let proxy: Kamailio;
  let gateways: Gateway[] = [];

  const listen = async (port: number, scenario: GatewayScenario): Promise<Gateway> => {
    const gateway = await startGateway({ port, scenario, dir });
    gateways.push(gateway);
    return gateway;
  };
  const call = (to: readonly string[], expected: ExpectedCourse, load: { count: number; rate: number; holdMs: number }) =>
    placeCalls({
      ...load,
      to: to.map((user) => `sip:${user}@127.0.0.1:${PORT.sip}`),
      expect: expected,
      proxyPort: PORT.sip,
      localPort: PORT.caller,
      dir,
    });

  async function read<T>(path: string): Promise<T> {
    const response = await fetch(`${system.gateUrl}${path}`, { headers: { "x-api-key": system.apiKeys.demo } });
    if (response.status === 429) {
      await sleep(Number(response.headers.get("retry-after")) * 1_000);
      return read(path);
    }
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
  const session = (id: string) => read<SessionView>(`/v1/sessions/${id}`);
  async function factsOf(id: string): Promise<string[]> {
    const types: string[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page: EventPage = await read(
        `/v1/sessions/${id}/events${cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`}`,
      );
      types.push(...page.items.map(({ type }) => type));
      cursor = page.nextCursor;
    }
    return types.filter((type) => CARRIER_FACTS.test(type));
  }
  /** Runs the work for each id, a few at a time. */
  async function forEach<T>(ids: readonly string[], work: (id: string) => Promise<T>): Promise<T[]> {
    const results: T[] = [];
    let next = 0;
    const reader = async () => {
      for (let at = next++; at < ids.length; at = next++) results[at] = await work(ids[at] as string);
    };
    await Promise.all(Array.from({ length: READERS }, reader));
    return results;
  }
  /** How many sessions there are of each state, once none is under way any more (or the deadline has passed). */
  async function statesOf(ids: readonly string[]): Promise<Record<string, number>> {
    let waiting = [...ids];
    const states: Record<string, number> = {};
    await until(
      async () => {
        const views = await forEach(waiting, session);
        const over = views.filter(({ state }) => ["completed", "escalated", "failed"].includes(state));
        for (const { state } of over) states[state] = (states[state] ?? 0) + 1;
        const done = new Set(over.map(({ id }) => id));
        waiting = waiting.filter((id) => !done.has(id));
        return waiting.length === 0;
      },
      SETTLED_DEADLINE_MS,
      500,
    );
    if (waiting.length > 0) states["under way"] = waiting.length;
    return states;
  }

  beforeAll(async () => {
    system = await startSystem({ stateDir: join(dir, "state"), port: PORT.http });
    proxy = await startKamailio({
      baseUrl: system.gateUrl,
      apiKey: system.apiKeys.pbx,
      ports: { sip: PORT.sip },
      dir,
      // Nobody listens there: a call that needed the last resort fails and is counted.
      staticPsap: `sip:127.0.0.1:${PORT.staticPsap}`,
    });
  });
  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    gateways = [];
  });
  afterAll(async () => {
    await proxy?.stop();
    await system?.stop();
    removeState(join(dir, "state"));
    rmSync(dir, { recursive: true, force: true });
  });

  it("completes 1,000 calls at 50/s although the first gateway refuses each, which then rests, and records each fact once and in order", async () => {
    await listen(GATEWAY.a, "busy503");
    const answering = await listen(GATEWAY.b, "answer");
    const numbers = Array.from({ length: 1_000 }, (_, index) => `+1555123${FIRST_NUMBER + index}`);
    const result = await call(numbers, { course: "answered" }, { count: 1_000, rate: 50, holdMs: 500 });
    expect(result).toMatchObject({ ok: 1_000, failed: 0, errors: "" });

    const ids = [...new Set(answering.sessions().values())].filter(Boolean);
    expect(ids).toHaveLength(1_000);
    expect(await statesOf(ids)).toEqual({ completed: 1_000 });
    const stories = new Map<string, number>();
    for (const story of await forEach(ids, factsOf)) stories.set(story.join(" "), (stories.get(story.join(" ")) ?? 0) + 1);
    // A gateway that has refused three in a row rests: from then on it is the second, but for a probe now and then ([CAP-7]).
    const [refused = 0, spared = 0] = [
      ["started", "failover", "answered", "ended"],
      ["started", "answered", "ended"],
    ].map((story) => stories.get(story.map(fact).join(" ")));
    expect([stories.size, refused + spared, refused >= 3, spared > refused]).toEqual([2, 1_000, true, true]);
  });

  it("brings 50 emergency calls to the PSAP while the standard lane is stopped", async () => {
    const psap = await listen(GATEWAY.psap, "psap");
    await system.stopLane("standard");
    try {
      const result = await call(["112", "911"], { course: "answered" }, { count: 50, rate: 10, holdMs: 500 });
      expect(result).toMatchObject({ ok: 50, failed: 0, errors: "" });
      const ids = [...new Set(psap.sessions().values())].filter(Boolean);
      expect(ids).toHaveLength(50);
      expect(await statesOf(ids)).toEqual({ completed: 50 });
      expect(new Set((await forEach(ids, session)).map(({ lane }) => lane))).toEqual(new Set(["emergency"]));
    } finally {
      await system.startLane("standard");
    }
  });

  it("ends the session as cancelled when the caller gives up while it rings", async () => {
    const ringing = await listen(GATEWAY.a, "rings");
    const result = await call(["+15551234001"], { course: "cancels", when: "ringing" }, { count: 1, rate: 1, holdMs: 200 });
    expect(result).toMatchObject({ ok: 1, failed: 0, errors: "" });
    const [id = ""] = ringing.sessions().values();
    expect(await statesOf([id])).toEqual({ failed: 1 });
    expect((await session(id)).disposition).toBe("cancelled");
    expect(await factsOf(id)).toEqual([fact("started"), fact("cancelled")]);
  });

  it("tells the caller that the callee is busy, and rings nobody else", async () => {
    const busy = await listen(GATEWAY.a, "busy486");
    const other = await listen(GATEWAY.b, "answer");
    const result = await call(["+15551234002"], { course: "refused", sipCode: 486 }, { count: 1, rate: 1, holdMs: 0 });
    expect(result).toMatchObject({ ok: 1, failed: 0, errors: "" });
    expect(other.sessions().size).toBe(0);
    const [id = ""] = busy.sessions().values();
    expect(await statesOf([id])).toEqual({ failed: 1 });
    expect((await session(id)).disposition).toBe("busy");
  });

  it("refuses what the rules refuse, with their code", async () => {
    const result = await call(["+19005550100"], { course: "refused", sipCode: 403 }, { count: 1, rate: 1, holdMs: 0 });
    expect(result).toMatchObject({ ok: 1, failed: 0, errors: "" });
  });
});
