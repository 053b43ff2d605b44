/** Parts of the system are taken away while calls run and configuration is edited: calls go on, and nothing is half done. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/deadline.ts";
import { childrenOf, signal } from "../../local/processes.ts";
import type { Answer, Client, Json, RequestOptions } from "../system/client.ts";
import { type Plan, type Sample, trickleDuring } from "../configuration/faults/trickle.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, type World, startWorld } from "../system/harness.ts";

/** [CFG-10] */
const IN_FORCE_MS = 10_000;
/** A database that hangs is given up after 8 s; this leaves room for a busy machine. */
const GIVEN_UP_AFTER_MS = 12_000;
/** A call waits for nothing that is away. */
const CALL_DEADLINE_MS = 3_000;
const MERGE_PATCH = { "content-type": "application/merge-patch+json" };
const CSV = { "content-type": "text/csv" };
const FRONT_DESK = "/v1/destinations/front-desk";
const TO_FRONT_DESK = { ...ORDINARY_CALL, to: "+15551230002" };
const AWAY: RequestOptions = { mayBeUnavailable: true };

let world: World;
let admin: Client;

beforeAll(async () => {
  world = await startWorld();
  admin = world.gate.as(`Bearer ${await world.system.token("admin")}`);
});
afterAll(() => world.end());

const itemsOf = (answer: Answer) => (answer.json["items"] ?? []) as readonly Json[];
const planOf = (answer: Answer): Plan => (answer.json["plan"] ?? {}) as Plan;
const publish = (options: RequestOptions = {}): Promise<Answer> => admin.post("/v1/config/publish", {}, options);
const moveTo = (host: string, options: RequestOptions = {}): Promise<Answer> =>
  admin.send(FRONT_DESK, {
    method: "PATCH",
    body: { target: { type: "sip", uri: `sip:desk@${host}` } },
    headers: MERGE_PATCH,
    ...options,
  });
const rates = (rows: number): string =>
  ["prefix,perMinuteMicros", ...Array.from({ length: rows }, (_, index) => `${43_000_000 + index},1000`)].join("\n");

/** What a tenant has: its draft, its versions, which of them is in force, its keys. */
async function everything(): Promise<Json> {
  const draft = await admin.send("/v1/config/draft");
  const versions = await admin.get("/v1/config/versions");
  const keys = await admin.get("/v1/api-keys?limit=500");
  expect([draft.status, versions.status, keys.status]).toEqual([200, 200, 200]);
  return { draftTag: draft.headers.get("etag"), draft: draft.text, versions: versions.json, keys: keys.json };
}

/** Everything that needs the database, at once. @returns each answer and how long it took. */
async function askForEverything(): Promise<
  readonly { readonly what: string; readonly answer: Answer; readonly tookMs: number }[]
> {
  const write = { ...AWAY, headers: MERGE_PATCH };
  const upload = { method: "PUT", body: rates(10), headers: CSV, ...AWAY };
  const requests: readonly (readonly [string, RequestOptions])[] = [
    // Writes first: those on connections that stand already could take effect later.
    ["/v1/destinations/made-up", { method: "PUT", body: { target: { type: "sip", uri: "sip:a@b.example" } }, ...AWAY }],
    [FRONT_DESK, { method: "PATCH", body: { name: "changed" }, ...write }],
    ["/v1/number-lists/nuisance", { method: "DELETE", ...AWAY }],
    ["/v1/rate-tables/north/rates", upload],
    ["/v1/routing-rules?group=up", { ...upload, body: "prefix,destinations\n+4930,gateway-a\n" }],
    [
      "/v1/config/draft",
      {
        method: "PUT",
        body: '{"kind":"settings","entity":{"defaultTrunk":"main"}}\n',
        headers: { "content-type": "application/x-ndjson" },
        ...AWAY,
      },
    ],
    ["/v1/config/publish", { method: "POST", body: {}, ...AWAY }],
    ["/v1/api-keys", { method: "POST", body: { name: "Away", roles: ["viewer"] }, ...AWAY }],
    ["/v1/users/away", { method: "PUT", body: { roles: ["viewer"] }, ...AWAY }],
    ["/v1/trunks/main/secrets", { method: "POST", body: {}, ...AWAY }],
    ["/v1/trunks", AWAY],
    ["/v1/routing-rules/america", AWAY],
    ["/v1/config/versions", AWAY],
    ["/v1/config/diff", AWAY],
    ["/v1/config/draft", AWAY],
  ];
  return Promise.all(
    requests.map(async ([path, options]) => {
      const startedMs = Date.now();
      const answer = await admin.send(path, options);
      return { what: `${options.method ?? "GET"} ${path}`, answer, tookMs: Date.now() - startedMs };
    }),
  );
}

function expectRefused(answers: Awaited<ReturnType<typeof askForEverything>>): void {
  for (const { what, answer, tookMs } of answers) {
    expect([what, answer.status, answer.json["code"]]).toEqual([what, 503, "unavailable"]);
    expect([what, answer.headers.get("retry-after")]).toEqual([what, expect.stringMatching(/^[1-9]\d*$/)]);
    expect([what, tookMs < GIVEN_UP_AFTER_MS]).toEqual([what, true]);
  }
}

/** Every call was answered, soon, and all of a lane alike. */
function expectUndisturbed(samples: readonly Sample[], before: Json): void {
  expect(samples.length).toBeGreaterThan(10);
  for (const { lane, status, uris, version, tookMs } of samples) {
    expect({ lane, status, uris, version }).toEqual({ lane, status: 201, ...(before[lane] as Json) });
    expect([lane, tookMs < CALL_DEADLINE_MS]).toEqual([lane, true]);
  }
}

async function calmPlans(): Promise<Json> {
  const [ordinary, emergency] = await Promise.all([
    admin.post("/v1/calls", ORDINARY_CALL),
    admin.post("/v1/calls", EMERGENCY_CALL),
  ]);
  const shown = (answer: Answer) => {
    const { destinations = [], snapshotVersion } = planOf(answer);
    return { uris: destinations.map(({ uri }) => uri), version: snapshotVersion };
  };
  return { standard: shown(ordinary), emergency: shown(emergency) };
}

/** All processes of the server: the sessions that the proxy keeps open too. */
function signalPostgres(name: NodeJS.Signals): void {
  const { postgres } = world.system.pids();
  if (postgres === undefined) throw new Error("Postgres does not run");
  // The one that makes the others first.
  signal(postgres, name);
  for (const pid of childrenOf(postgres)) signal(pid, name);
}

/** Served by the emergency lane itself, and not there: a call for help would be served whoever asks ([EMG-14]). */
const AT_THE_GATE = "/v1/sessions/01a20000-0000-7000-b000-000000000000";

describe("Postgres", () => {
  it("[CFG-15] [DUR-1] stopped: calls go on, everything else is 503 at once and changes nothing", async () => {
    const before = await everything();
    const plans = await calmPlans();
    await world.system.stopLane("postgres");
    let answers: Awaited<ReturnType<typeof askForEverything>> = [];
    const samples = await trickleDuring(world.gate, async () => {
      answers = await askForEverything();
      await sleep(1_500);
    });
    expectRefused(answers);
    expectUndisturbed(samples, plans);
    await world.system.startLane("postgres");
    expect(await everything()).toEqual(before);
  });

  it("[CFG-15] [DUR-1] hanging: calls go on, everything else is given up in time, and nothing takes effect later", async () => {
    const before = await everything();
    const plans = await calmPlans();
    let answers: Awaited<ReturnType<typeof askForEverything>> = [];
    const samples = await trickleDuring(world.gate, async () => {
      signalPostgres("SIGSTOP");
      try {
        answers = await askForEverything();
      } finally {
        signalPostgres("SIGCONT");
      }
      // What was sent before it hung would take effect now.
      await sleep(1_000);
    });
    expectRefused(answers);
    expectUndisturbed(samples, plans);
    expect(await everything()).toEqual(before);
  });

  it("[CFG-15] restored: everything works again without a restart", async () => {
    expect((await moveTo("restored.example")).status).toBe(200);
    const published = await publish();
    expect([published.status, published.json["changed"]]).toEqual([200, true]);
    expect((await admin.send("/v1/rate-tables/north/rates", { method: "PUT", body: rates(5), headers: CSV })).json).toEqual({
      rows: 5,
    });
    expect((await admin.post("/v1/api-keys", { name: "Back", roles: ["viewer"] })).status).toBe(201);
    const reached = async () => planOf(await admin.post("/v1/calls", TO_FRONT_DESK)).destinations?.[0]?.uri;
    expect(await until(async () => (await reached()) === "sip:desk@restored.example", IN_FORCE_MS, 200)).toBe(true);
  });
});

describe("[CFG-10] after a time without requests", () => {
  it("the first call on each lane goes by what has been published, and who may not any more is refused at once", async () => {
    const acme = world.gate.as(`Bearer ${await world.system.token("admin", "acme")}`);
    const key = await acme.post("/v1/api-keys", { name: "Short-lived", roles: ["integrator"] });
    const holder = world.gate.as(`Bearer ${String(key.json["key"])}`);
    const leaver = world.gate.as(`Bearer ${await world.system.token("integrator", "acme", { sub: "leaver" })}`);
    const user = { roles: ["integrator"], disabled: false };
    expect((await acme.send("/v1/users/leaver", { method: "PUT", body: user })).status).toBe(201);
    expect(await until(async () => (await holder.get("/v1/trunks")).status === 200, IN_FORCE_MS, 200)).toBe(true);
    // Both lanes have both tenants in memory.
    for (const client of [admin, holder, leaver]) {
      expect((await client.post("/v1/calls", EMERGENCY_CALL)).status).toBe(201);
      expect((await client.get("/v1/trunks")).status).toBe(200);
    }

    await moveTo("idle.example");
    const { version } = (await publish()).json;
    expect((await acme.post(`/v1/api-keys/${String(key.json["id"])}/revoke`, undefined)).status).toBe(200);
    expect((await acme.send("/v1/users/leaver", { method: "PUT", body: { ...user, disabled: true } })).status).toBe(200);
    await sleep(IN_FORCE_MS + 500);

    // One request per tenant and lane can be the first.
    const refusedKey = await holder.get("/v1/trunks");
    const refusedUser = await leaver.get(AT_THE_GATE);
    const ordinary = await admin.post("/v1/calls", TO_FRONT_DESK);
    const emergency = await admin.post("/v1/calls", EMERGENCY_CALL);
    expect([refusedKey.status, refusedUser.status]).toEqual([401, 403]);
    expect([planOf(ordinary).snapshotVersion, planOf(emergency).snapshotVersion]).toEqual([version, version]);
    expect((await holder.get(AT_THE_GATE)).status).toBe(401);
    expect((await leaver.get("/v1/trunks")).status).toBe(403);
  });
});

/** Starts the work, kills the standard lane in its midst, and has it back. @returns the calls meanwhile, on the emergency lane. */
async function killedDuring(delayMs: number, work: () => readonly Promise<Answer>[]): Promise<readonly Sample[]> {
  const samples = await trickleDuring(world.gate, async () => {
    const settled = Promise.allSettled(work());
    await sleep(delayMs);
    await world.system.kill("standard");
    await world.system.startLane("standard");
    // A connection that broke is an outcome like any other here; what the client has found fault with is not.
    for (const each of await settled)
      if (each.status === "rejected" && !(each.reason instanceof TypeError)) throw each.reason as Error;
  });
  return samples.filter(({ lane }) => lane === "emergency");
}

const versionsOnBothLanes = async () => {
  const { standard, emergency } = (await calmPlans()) as Record<"standard" | "emergency", { version: string }>;
  return [standard.version, emergency.version];
};

/** On both lanes the same version, soon. */
async function expectBothAt(version: unknown): Promise<void> {
  let seen: readonly unknown[] = [];
  await until(async () => (seen = await versionsOnBothLanes()).every((each) => each === version), IN_FORCE_MS, 200);
  expect(seen).toEqual([version, version]);
}

describe("the standard lane, killed", () => {
  const RATES = "/v1/rate-tables/killed/rates";
  const ROWS = 20_000;
  let acme: Client;

  beforeAll(async () => {
    acme = world.gate.as(`Bearer ${await world.system.token("admin", "acme")}`);
    await acme.send("/v1/rate-tables/killed", { method: "PUT", body: { currency: "EUR" } });
  });

  const upload = (rows: number): Promise<Answer> =>
    acme.send(RATES, { method: "PUT", body: rates(rows), headers: CSV, ...AWAY });
  const uploaded = async (): Promise<number> => {
    const table = await acme.get(RATES, { headers: { accept: "text/csv" } });
    return table.text.trim().split("\n").length - 1;
  };

  it.each([20, 80, 300])(
    "[CFG-5] [CFG-10] [CFG-11] [DUR-2] %i ms into a publication, an upload and a revocation: each is whole or not there, repeating brings both lanes together",
    async (delayMs) => {
      const made = await acme.post("/v1/api-keys", { name: "Killed", roles: ["integrator"] });
      const revoke = () => acme.post(`/v1/api-keys/${String(made.json["id"])}/revoke`, undefined, AWAY);
      const holder = world.gate.as(`Bearer ${String(made.json["key"])}`);
      const statuses = async () => [(await holder.get("/v1/trunks")).status, (await holder.get(AT_THE_GATE)).status].join();
      expect(await until(async () => (await statuses()) === "200,404", IN_FORCE_MS, 200)).toBe(true);
      const [version] = await versionsOnBothLanes();
      const before = await uploaded();
      const rows = ROWS + delayMs;
      const host = `killed-after-${delayMs}.example`;
      expect((await moveTo(host)).status).toBe(200);

      const calls = await killedDuring(delayMs, () => [publish(AWAY), upload(rows), revoke()]);
      expect(calls.every(({ status, uris }) => status === 201 && uris.length >= 2)).toBe(true);

      const known = itemsOf(await admin.get("/v1/config/versions")).map((each) => each["version"]);
      for (const each of await versionsOnBothLanes()) expect([version, ...known]).toContain(each);
      expect([before, rows]).toContain(await uploaded());

      const [published, rerun, revoked] = [await publish(), await upload(rows), await revoke()];
      expect([published.status, rerun.status, revoked.status]).toEqual([200, 200, 200]);
      expect(await uploaded()).toBe(rows);
      await expectBothAt(published.json["version"]);
      expect(planOf(await admin.post("/v1/calls", TO_FRONT_DESK)).destinations?.[0]?.uri).toBe(`sip:desk@${host}`);
      expect(await until(async () => (await statuses()) === "401,401", IN_FORCE_MS, 200)).toBe(true);
    },
  );
});

/** Files of the lane's configuration bucket that hold this version's rules and trunks. */
function coresOf(lane: "standard" | "emergency", version: string): readonly string[] {
  const folder = join(world.stateDir, "lanes", lane, "r2", `trunkline-${lane}-dev-config`, "blobs");
  const files = readdirSync(folder).map((name) => join(folder, name));
  return files.filter((file) => {
    const text = readFileSync(file, "latin1");
    return text.includes(`"version":"${version}"`) && text.includes('"defaultTrunk"');
  });
}

describe("[CFG-13] a version whose objects are damaged on disk", () => {
  it("gives way to the one before it in lanes that start anew, and publishing the same draft puts it right", async () => {
    await moveTo("good.example");
    const good = (await publish()).json["version"];
    await moveTo("damaged.example");
    const damaged = String((await publish()).json["version"]);
    for (const lane of ["standard", "emergency"] as const) {
      const cores = coresOf(lane, damaged);
      expect(cores).toHaveLength(1);
      for (const file of cores)
        writeFileSync(file, readFileSync(file, "latin1").replace("damaged.example", "forged!.example"), "latin1");
    }
    await Promise.all([world.system.kill("standard"), world.system.kill("emergency")]);
    await Promise.all([world.system.startLane("standard"), world.system.startLane("emergency")]);
    expect(await versionsOnBothLanes()).toEqual([good, good]);
    const alerts = world.logLines("standard").filter((line) => line.includes("the last good one goes on"));
    expect(alerts.some((line) => line.includes(damaged))).toBe(true);

    const again = await publish();
    expect([again.status, again.json["changed"]]).toEqual([200, true]);
    await expectBothAt(again.json["version"]);
    expect(planOf(await admin.post("/v1/calls", TO_FRONT_DESK)).destinations?.[0]?.uri).toBe("sip:desk@damaged.example");
  });
});
