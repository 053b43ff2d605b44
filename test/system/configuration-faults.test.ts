/** Parts of the system are taken away while calls run and configuration is edited: calls go on, and nothing is half done. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/deadline.ts";
import { childrenOf, signal } from "../../local/processes.ts";
import type { Answer, Client, Json, RequestOptions } from "./client.ts";
import { type Plan, type Sample, trickleDuring } from "./faults/trickle.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, type World, startWorld } from "./harness.ts";

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

const VERSION_OF_NOTHING = "20200101T000000000Z-000000000000";

/** Everything that needs the database, at once. @returns each answer and how long it took. */
async function askForEverything(): Promise<
  readonly { readonly what: string; readonly answer: Answer; readonly tookMs: number }[]
> {
  const write = { ...AWAY, headers: MERGE_PATCH };
  const upload = { method: "PUT", body: rates(10), headers: CSV, ...AWAY };
  const requests: readonly (readonly [string, RequestOptions])[] = [
    ["/v1/trunks", AWAY],
    ["/v1/routing-rules/america", AWAY],
    ["/v1/config/versions", AWAY],
    ["/v1/config/diff", AWAY],
    ["/v1/config/draft", AWAY],
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
    ["/v1/config/rollback", { method: "POST", body: { version: VERSION_OF_NOTHING }, ...AWAY }],
    ["/v1/api-keys", { method: "POST", body: { name: "Away", roles: ["viewer"] }, ...AWAY }],
    ["/v1/users/away", { method: "PUT", body: { roles: ["viewer"] }, ...AWAY }],
    ["/v1/trunks/main/secrets", { method: "POST", body: {}, ...AWAY }],
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
    expect(Number(answer.headers.get("retry-after")), what).toBeGreaterThan(0);
    expect(tookMs, what).toBeLessThan(GIVEN_UP_AFTER_MS);
  }
}

/** Every call was answered, soon, and all of a lane alike. */
function expectUndisturbed(samples: readonly Sample[], before: Json): void {
  expect(samples.length).toBeGreaterThan(10);
  for (const { lane, status, uris, version, tookMs } of samples) {
    expect({ lane, status, uris, version }).toEqual({ lane, status: 201, ...(before[lane] as Json) });
    expect(tookMs, lane).toBeLessThan(CALL_DEADLINE_MS);
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
  for (const pid of [...childrenOf(postgres), postgres]) signal(pid, name);
}

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
    const refusedUser = await leaver.post("/v1/calls", EMERGENCY_CALL);
    const ordinary = await admin.post("/v1/calls", TO_FRONT_DESK);
    const emergency = await admin.post("/v1/calls", EMERGENCY_CALL);
    expect([refusedKey.status, refusedUser.status]).toEqual([401, 403]);
    expect([planOf(ordinary).snapshotVersion, planOf(emergency).snapshotVersion]).toEqual([version, version]);
    expect((await holder.post("/v1/calls", EMERGENCY_CALL)).status).toBe(401);
    expect((await leaver.get("/v1/trunks")).status).toBe(403);
  });
});

/** Starts the work, kills the standard lane in its midst, and has it back. @returns the calls meanwhile, on the emergency lane. */
async function killedDuring(delayMs: number, work: () => Promise<Answer>): Promise<readonly Sample[]> {
  const samples = await trickleDuring(world.gate, async () => {
    const working = work().catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error;
    });
    await sleep(delayMs);
    await world.system.kill("standard");
    await Promise.all([working, world.system.startLane("standard")]);
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
  it.each([15, 60, 150, 400])(
    "[CFG-11] %i ms into a publication: a whole version on each lane, and a repetition brings them together",
    async (delayMs) => {
      const [before] = await versionsOnBothLanes();
      const host = `killed-after-${delayMs}.example`;
      expect((await moveTo(host)).status).toBe(200);
      const calls = await killedDuring(delayMs, () => publish(AWAY));
      expect(calls.every(({ status, uris }) => status === 201 && uris.length === 2)).toBe(true);

      const known = itemsOf(await admin.get("/v1/config/versions")).map((each) => each["version"]);
      const inForce = await versionsOnBothLanes();
      for (const version of inForce) expect([before, ...known]).toContain(version);
      const again = await publish();
      expect(again.status).toBe(200);
      await expectBothAt(again.json["version"]);
      expect(planOf(await admin.post("/v1/calls", TO_FRONT_DESK)).destinations?.[0]?.uri).toBe(`sip:desk@${host}`);
    },
  );

  it.each([40, 250])("[CFG-5] %i ms into an upload: all rows or none, and a repetition succeeds", async (delayMs) => {
    const RATES = "/v1/rate-tables/south/rates";
    const count = async () => (await admin.get(RATES, { headers: { accept: "text/csv" } })).text.trim().split("\n").length - 1;
    const before = await count();
    const rows = 20_000 + delayMs;
    const calls = await killedDuring(delayMs, () =>
      admin.send(RATES, { method: "PUT", body: rates(rows), headers: CSV, ...AWAY }),
    );
    expect(calls.every(({ status }) => status === 201)).toBe(true);
    expect([before, rows]).toContain(await count());
    expect((await admin.send(RATES, { method: "PUT", body: rates(rows), headers: CSV })).json).toEqual({ rows });
    expect(await count()).toBe(rows);
  });

  it.each([10, 40])("[CFG-10] %i ms into a revocation: a repetition revokes the key on both lanes", async (delayMs) => {
    const made = await admin.post("/v1/api-keys", { name: "Killed", roles: ["integrator"] });
    const path = `/v1/api-keys/${String(made.json["id"])}/revoke`;
    const holder = world.gate.as(`Bearer ${String(made.json["key"])}`);
    const statuses = async () => [
      (await holder.get("/v1/trunks")).status,
      (await holder.post("/v1/calls", EMERGENCY_CALL)).status,
    ];
    expect(await until(async () => (await statuses()).join() === "200,201", IN_FORCE_MS, 200)).toBe(true);
    await killedDuring(delayMs, () => admin.post(path, undefined, AWAY));
    expect((await admin.post(path, undefined)).status).toBe(200);
    expect(await until(async () => (await statuses()).join() === "401,401", IN_FORCE_MS, 200)).toBe(true);
  });
});

/** Files of the lane's configuration bucket that hold this text. */
function objectsWith(lane: "standard" | "emergency", text: string): readonly string[] {
  const folder = join(world.stateDir, "lanes", lane, "r2", `trunkline-${lane}-dev-config`, "blobs");
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((file) => readFileSync(file, "latin1").includes(text));
}

describe("[CFG-13] a version whose objects are damaged on disk", () => {
  it("gives way to the one before it in a lane that starts anew, and publishing puts it right", async () => {
    await moveTo("good.example");
    const good = (await publish()).json["version"];
    await moveTo("damaged.example");
    const damaged = String((await publish()).json["version"]);
    for (const lane of ["standard", "emergency"] as const) {
      const cores = objectsWith(lane, `"version":"${damaged}","publishedAt"`).concat(
        objectsWith(lane, `"version":"${damaged}","tenant"`),
      );
      for (const file of objectsWith(lane, damaged)) {
        const text = readFileSync(file, "utf8");
        // The pointer stays: what it names is damaged.
        if (text.includes('"defaultTrunk"')) writeFileSync(file, text.slice(0, text.length / 2));
      }
      expect(cores).toBeDefined();
      await world.system.kill(lane);
      await world.system.startLane(lane);
    }
    expect(await versionsOnBothLanes()).toEqual([good, good]);
    expect(world.logLines("standard").some((line) => line.includes("cannot be read; the last good one goes on"))).toBe(true);
    const again = await publish();
    expect([again.status, again.json["changed"]]).toEqual([200, true]);
    await expectBothAt(again.json["version"]);
  });
});
