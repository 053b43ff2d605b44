/** The supervisor and its processes, with a small Worker in the place of the real one. */
import { createServer } from "node:http";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../local/deadline.ts";
import { holderOf } from "../../local/lock.ts";
import { isFree } from "../../local/ports.ts";
import { ROOT } from "../../local/paths.ts";
import { isAlive } from "../../local/processes.ts";
import { type Pids, startSystem, type SystemOptions } from "../../local/system.ts";
import { temporaryStateDir } from "../local/state-dir.ts";

const entry = join(ROOT, "test", "local", "fixtures", "worker.ts");
const FIRST_PORT = 18_740;
const LAST_PORT = 18_790;

/** Two free ports next to each other. */
async function freePair(): Promise<number> {
  for (let port = FIRST_PORT; port < LAST_PORT; port += 2) if ((await isFree(port)) && (await isFree(port + 1))) return port;
  throw new Error("no two free ports");
}

async function started(options: Partial<SystemOptions> = {}) {
  const notices: string[] = [];
  const system = await startSystem({
    stateDir: temporaryStateDir(),
    port: await freePair(),
    entry,
    notice: (text) => void notices.push(text),
    ...options,
  });
  onTestFinished(() => system.stop());
  return { system, notices };
}

const json = async (url: string, init?: RequestInit) => (await fetch(url, init)).json() as Promise<Record<string, unknown>>;
const allOf = (pids: Pids): number[] =>
  [
    pids.postgres,
    pids.carrier,
    pids.standard?.node,
    pids.standard?.workerd,
    pids.emergency?.node,
    pids.emergency?.workerd,
  ].filter((pid) => pid !== undefined);

describe("a started system", () => {
  it("has two configured lanes with variables of their own, and the emergency lane forwards requests as they are", async () => {
    const { system } = await started({ vars: { standard: { FLUSH_AGE_MS: "1" } } });
    const emergency = await json(`${system.gateUrl}/variables`);
    const standard = await json(`${system.standardUrl}/variables`);
    expect(emergency).toMatchObject({ LANE: "emergency", FLUSH_AGE_MS: "2000" });
    expect(standard).toMatchObject({ LANE: "standard", FLUSH_AGE_MS: "1", CONFIG_KEY: emergency["CONFIG_KEY"] });
    expect(JSON.parse(String(emergency["AUTH_ISSUERS"]))[0].jwks.keys[0]).not.toHaveProperty("d");
    expect(String(emergency["DATABASE_URL"])).toContain("trunkline_app");

    for (const gate of [system.gateUrl, system.standardUrl]) {
      expect(await json(`${gate}/configuration`)).toMatchObject({ version: expect.stringMatching(/^\d{8}T/) });
    }

    const url = `${system.gateUrl}/standard/a%2Fb?x=1`;
    const forwarded = await json(url, { method: "POST", body: "body", headers: { host: "other.example" } });
    expect(forwarded).toEqual({ url, host: new URL(url).host, body: "body" });
  });

  it("restarts a lane that is killed, with what it stored, while the other one goes on", async () => {
    const { system, notices } = await started();
    await json(`${system.standardUrl}/count`);
    const before = system.pids();
    await system.kill("standard");
    expect([before.standard!.node, before.standard!.workerd].map(isAlive)).toEqual([false, false]);

    const startedAt = Date.now();
    const refused = await fetch(`${system.gateUrl}/standard/x`);
    expect(refused.status).toBe(503);
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    expect(system.pids().emergency).toEqual(before.emergency);

    await system.startLane("standard");
    expect(await json(`${system.standardUrl}/count`)).toBe(2);
    expect((await fetch(`${system.gateUrl}/standard/x`)).status).toBe(200);
    expect(notices.join("\n")).toMatch(/standard lane ended \(SIGKILL\); restarting/);
  });

  it("[CAR-4] runs the loopback carrier, tells both lanes of it, and restarts it where it was", async () => {
    const { system, notices } = await started({ database: false });
    for (const lane of [system.gateUrl, system.standardUrl]) {
      const [account] = JSON.parse(String((await json(`${lane}/variables`))["CARRIER_ACCOUNTS"]));
      expect(account).toMatchObject({ id: "loopback", kind: "loopback", baseUrl: system.carrierUrl });
    }
    const before = system.pids().carrier!;
    await system.kill("carrier");
    expect(isAlive(before)).toBe(false);
    await system.startLane("carrier");
    expect(await json(`${system.carrierUrl}/legs`)).toEqual({ items: [] });
    expect(notices.join("\n")).toMatch(/carrier ended \(SIGKILL\); restarting/);
    const after = system.pids().carrier!;
    await system.stop();
    expect(isAlive(after)).toBe(false);
  });

  it("lets the standard lane write into the gate's bucket, from then on and after either of them was killed", async () => {
    const { system } = await started({ database: false });
    const write = (key: string, body: string, headers: Record<string, string> = {}) =>
      fetch(`${system.standardUrl}/gate/${key}`, { method: "PUT", body, headers });
    const read = async (key: string) => (await fetch(`${system.gateUrl}/own/${key}`)).text();

    const first = await write("one", "1");
    expect(await read("one")).toBe("1");
    expect((await write("one", "2", { "if-match": "0".repeat(32) })).status).toBe(412);
    expect((await write("one", "3", { "if-match": first.headers.get("etag")! })).status).toBe(200);
    expect(await read("one")).toBe("3");
    expect((await fetch(`${system.standardUrl}/own/one`)).status).toBe(404);

    const keys = Array.from({ length: 40 }, (_, index) => `many-${index}`);
    await Promise.all(keys.map(async (key) => expect((await write(key, key)).status).toBe(200)));
    await system.kill("standard");
    expect(await Promise.all(keys.map(read))).toEqual(keys);
    await system.kill("emergency");
    await Promise.all([system.startLane("standard"), system.startLane("emergency")]);
    expect((await write("two", "back")).status).toBe(200);
    expect(await Promise.all(["one", "two"].map(read))).toEqual(["3", "back"]);
  });

  it("keeps what was put in force, and publishes the seed where nothing was", async () => {
    const stateDir = temporaryStateDir();
    const first = (await started({ stateDir })).system;
    const seeded = await json(`${first.gateUrl}/configuration`);
    expect(await json(`${first.standardUrl}/configuration`)).toEqual(seeded);
    // As a publication does: the pointers of both lanes move.
    const moved = { ...seeded, version: "20990101T000000000Z-000000000000" };
    for (const url of [first.standardUrl, first.gateUrl])
      await fetch(`${url}/configuration`, { method: "PUT", body: JSON.stringify(moved) });
    await first.stop();
    const second = (await started({ stateDir })).system;
    for (const url of [second.standardUrl, second.gateUrl])
      expect(await json(`${url}/configuration`)).toMatchObject({ version: moved.version });
  });

  it("takes a lane out and in again", async () => {
    const { system } = await started({ database: false });
    await system.stopLane("standard");
    expect(system.pids().standard).toBeUndefined();
    expect((await fetch(`${system.gateUrl}/standard/x`)).status).toBe(503);
    await system.startLane("standard");
    expect((await fetch(`${system.gateUrl}/standard/x`)).status).toBe(200);
  });

  it("restarts Postgres when it is killed, and leaves it stopped when it was stopped", async () => {
    const { system } = await started();
    const before = system.pids();
    await system.kill("postgres");
    await system.startLane("postgres");
    const after = system.pids();
    expect(after.postgres).toBeGreaterThan(0);
    expect(after.postgres).not.toBe(before.postgres);
    expect(after.emergency).toEqual(before.emergency);
    await system.stopLane("postgres");
    expect(system.pids().postgres).toBeUndefined();
  });

  it("leaves no process behind, and a second start finds the data and the keys", async () => {
    const stateDir = temporaryStateDir();
    const first = (await started({ stateDir })).system;
    await json(`${first.gateUrl}/count`);
    const configuration = await json(`${first.gateUrl}/configuration`);
    const pids = allOf(first.pids());
    expect(pids).toHaveLength(6);
    await first.stop();
    expect(await until(() => !pids.some(isAlive), 2_000)).toBe(true);

    const second = (await started({ stateDir })).system;
    expect(await json(`${second.gateUrl}/count`)).toBe(2);
    expect(second.apiKeys).toEqual(first.apiKeys);
    expect(await json(`${second.gateUrl}/configuration`)).toEqual(configuration);
  });

  it("writes the Worker's log lines to the lane's file, and keeps its secrets from other users", async () => {
    const stateDir = temporaryStateDir();
    const { system } = await started({ stateDir, database: false, lanes: ["emergency"] });
    await fetch(`${system.gateUrl}/log`);
    const file = join(stateDir, "logs", "emergency.jsonl");
    expect(await until(() => readFileSync(file, "utf8").includes('{"message":"logged","lane":"any"}\n'), 5_000)).toBe(true);
    expect(statSync(join(stateDir, "secrets.json")).mode & 0o077).toBe(0);
  });

  it("says what is wrong with a Worker that does not start, and leaves nothing running", async () => {
    const stateDir = temporaryStateDir();
    const broken = join(ROOT, "test", "local", "fixtures", "broken-worker.ts");
    const attempt = startSystem({ stateDir, port: await freePair(), entry: broken, database: false });
    await expect(attempt).rejects.toThrow(/broken on purpose/);
    expect(holderOf(stateDir)).toBeUndefined();
  });
});

describe("systems beside each other", () => {
  it("run with folders and ports of their own, and do not share a folder", async () => {
    const stateDir = temporaryStateDir();
    const one = (await started({ stateDir })).system;
    const two = (await started()).system;
    await expect(startSystem({ stateDir, port: await freePair(), entry })).rejects.toThrow(/running already/);
    expect(await json(`${one.gateUrl}/count`)).toBe(1);
    expect(await json(`${two.gateUrl}/count`)).toBe(1);
    expect(one.apiKeys.demo).not.toBe(two.apiKeys.demo);
  });

  it("refuse a taken port before anything is started", async () => {
    const occupant = createServer().listen(0, "127.0.0.1");
    await once(occupant, "listening");
    onTestFinished(() => void occupant.close());
    const stateDir = temporaryStateDir();
    const { port } = occupant.address() as AddressInfo;
    await expect(startSystem({ stateDir, port, entry })).rejects.toThrow(`Port ${port} is taken`);
    expect(readdirSync(stateDir)).toEqual([]);
  });
});
