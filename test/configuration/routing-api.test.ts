/** Why a call goes where it goes, what a draft would change, and what bounds a trunk: over HTTP, with the whole system behind it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/deadline.ts";
import type { Role } from "../../domain/identity/principal.ts";
import type { Answer, Client, Json } from "../system/client.ts";
import { pointersOf } from "../system/client.ts";
import { ORDINARY_CALL, type World, startWorld } from "../system/harness.ts";
import { samplesIn } from "../system/prometheus.ts";

/** [CFG-10]: within so many milliseconds a change is in force everywhere. */
const IN_FORCE_MS = 10_000;
/** The log is flushed locally after two seconds. */
const FLUSHED_MS = 15_000;
const HOUR_MS = 3_600_000;
const MERGE_PATCH = { "content-type": "application/merge-patch+json" };

let world: World;
let admin: Client;

const as = async (role: Role, tenant = "demo"): Promise<Client> =>
  world.gate.as(`Bearer ${await world.system.token(role, tenant)}`);
const patch = async (path: string, body: unknown): Promise<Answer> => {
  const answer = await admin.send(path, { method: "PATCH", body, headers: MERGE_PATCH });
  expect(answer.status).toBe(200);
  return answer;
};
const publish = async (): Promise<string> => {
  const answer = await admin.post("/v1/config/publish", {});
  expect(answer.status).toBe(200);
  return String(answer.json["version"]);
};
const explain = (call: Json, more: Json = {}): Promise<Answer> => admin.post("/v1/routing/explain", { call, ...more });
const planOf = (answer: Answer) => answer.json["plan"] as Json;
const rulesOf = (answer: Answer) => {
  const looks = answer.json["looks"] as readonly { readonly rules: readonly Json[] }[];
  return looks.at(-1)!.rules;
};
const linesOf = (answer: Answer): Json[] =>
  answer.text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Json);

beforeAll(async () => {
  world = await startWorld();
  admin = await as("admin");
});
afterAll(() => world.end());

describe("[EXP-2] POST /v1/routing/explain", () => {
  const CLINIC = { from: "+15550100100", to: "+15551230003", channel: "api" };
  const DAY = "2026-11-23T15:00:00Z";
  const NIGHT = "2026-11-23T03:00:00Z";

  it("says by which rule a call goes at a given time, and by which condition the other one does not match", async () => {
    const day = await explain(CLINIC, { at: DAY });
    expect(day.status).toBe(200);
    expect(planOf(day)).toMatchObject({ action: "route", ruleId: "clinic-day" });
    const night = rulesOf(day).find(({ ruleId }) => ruleId === "clinic-night")!;
    expect(night).toMatchObject({ matches: false });
    const conditions = night["conditions"] as readonly Json[];
    expect(conditions.filter(({ holds }) => holds === false)).toMatchObject([{ field: "calendar" }]);
    expect(planOf(await explain(CLINIC, { at: NIGHT }))).toMatchObject({ ruleId: "clinic-night" });
  });

  it("is what happens: the same call, placed, takes the same way", async () => {
    const explained = planOf(await explain(ORDINARY_CALL));
    const placed = planOf(await admin.post("/v1/calls", ORDINARY_CALL));
    for (const member of ["action", "ruleId", "candidates", "destinations", "decidedBy", "snapshotVersion"])
      expect(placed[member]).toEqual(explained[member]);
  });

  it("names the rules in order of precedence, the winner first", async () => {
    const answer = await explain(ORDINARY_CALL);
    const matching = rulesOf(answer).filter(({ matches }) => matches === true);
    expect(matching.map(({ ruleId }) => ruleId)).toEqual(planOf(answer)["candidates"]);
    expect(answer.json["complete"]).toBe(true);
  });

  it("knows that emergency numbers are no matter of rules", async () => {
    const answer = await explain({ ...ORDINARY_CALL, to: "112" });
    expect(planOf(answer)).toMatchObject({ action: "route", decidedBy: "emergency" });
    expect(answer.json["notes"]).toEqual([{ tag: "emergency", service: "urn:service:sos" }]);
  });

  it("changes nothing", async () => {
    const before = (await admin.get("/v1/config/draft")).headers.get("etag");
    const sessions = () => world.logLines("standard").filter((line) => line.includes('"route":"/v1/calls"')).length;
    const placed = sessions();
    await explain(ORDINARY_CALL, { version: "draft" });
    expect((await admin.get("/v1/config/draft")).headers.get("etag")).toBe(before);
    expect(sessions()).toBe(placed);
  });

  it("knows what stands between a rule and its destinations: a profile, a blocker, a closed class", async () => {
    const noted = async (call: Json) => (await explain(call)).json["notes"] as readonly Json[];
    expect(await noted({ ...ORDINARY_CALL, to: "+15551230005" })).toContainEqual(
      expect.objectContaining({ tag: "profile", verdict: "diverted" }),
    );
    expect(await noted({ ...ORDINARY_CALL, from: "+15550190666" })).toContainEqual(
      expect.objectContaining({ tag: "blocker", ruleId: "nuisance-callers" }),
    );
    expect(await noted({ ...ORDINARY_CALL, to: "+881612345678" })).toContainEqual(
      expect.objectContaining({ tag: "toll_closed", class: "satellite" }),
    );
  });

  it("reports mistakes where they are, and asks for rights", async () => {
    const bad = await explain({ ...ORDINARY_CALL, to: "nobody" }, { at: "yesterday", limit: 0 });
    expect([bad.status, pointersOf(bad, "errors")]).toEqual([422, ["/at", "/limit"]]);
    expect(pointersOf(await explain({ ...ORDINARY_CALL, to: "nobody", trunk: "nowhere" }), "errors")).toEqual(["/call/trunk"]);
    expect((await explain(ORDINARY_CALL, { version: "20200101T000000000Z-000000000000" })).status).toBe(404);
    const bound = world.gate.as(`Bearer ${world.system.apiKeys.pbx}`);
    expect((await bound.post("/v1/routing/explain", { call: ORDINARY_CALL })).status).toBe(403);
  });

  it("does not know another tenant's versions", async () => {
    const own = String((await explain(ORDINARY_CALL)).json["version"]);
    const other = await as("admin", "acme");
    expect((await other.post("/v1/routing/explain", { call: ORDINARY_CALL, version: own })).status).toBe(404);
  });
});

describe("[RTE-23] a call that comes back", () => {
  it("with the trail that it was sent away with is rejected as a loop", async () => {
    const first = await admin.post("/v1/calls", ORDINARY_CALL);
    const { trail } = planOf(first);
    const again = await admin.post("/v1/calls", { ...ORDINARY_CALL, trail });
    expect(planOf(again)).toMatchObject({ action: "reject", decidedBy: "loop", reject: { sipCode: 482 } });
    const elsewhere = await admin.post("/v1/calls", { ...ORDINARY_CALL, to: "+15551239999", trail });
    expect(planOf(elsewhere)).toMatchObject({ action: "route" });
    const emergency = await admin.post("/v1/calls", { ...ORDINARY_CALL, to: "112", trail });
    expect(planOf(emergency)).toMatchObject({ action: "route", decidedBy: "emergency" });
  });
});

describe("[EXP-3] POST /v1/routing/replay", () => {
  const period = () => ({
    from: new Date(Date.now() - HOUR_MS).toISOString(),
    to: new Date(Date.now() + HOUR_MS).toISOString(),
  });
  const replay = (more: Json = {}) => admin.post("/v1/routing/replay", { ...period(), ...more });
  const summaryOf = (answer: Answer) => linesOf(answer).at(-1)!;

  it("finds the calls that a draft would send elsewhere, and no others", async () => {
    const created = await admin.post("/v1/routing-rules", {
      id: "replay-test",
      when: { callee: { prefix: ["+1555777101"] } },
      action: { type: "reject", sipCode: 603, reason: "No longer served" },
    });
    expect(created.status).toBe(201);
    const to = (last: number) => ({ ...ORDINARY_CALL, to: `+1555777${1000 + last}` });
    const placed = await Promise.all(Array.from({ length: 30 }, (_, last) => admin.post("/v1/calls", to(last))));
    expect(placed.map(({ json }) => planOf({ json } as Answer)["ruleId"])).toEqual(placed.map(() => "america"));
    expect(await until(async () => Number(summaryOf(await replay())["changed"]) === 10, FLUSHED_MS, 500)).toBe(true);

    const answer = await replay();
    expect(answer.headers.get("content-type")).toContain("application/x-ndjson");
    const changes = linesOf(answer).filter(({ type }) => type === "change");
    expect(changes.map((line) => line["to"]).sort()).toEqual(Array.from({ length: 10 }, (_, last) => `+155577710${10 + last}`));
    for (const change of changes) {
      expect(change["before"]).toMatchObject({ action: "route", ruleId: "america" });
      expect(change["after"]).toMatchObject({ action: "reject", sipCode: 603, ruleId: "replay-test" });
    }
    expect(changes.map(({ session }) => session).sort()).toEqual(
      placed
        .slice(10, 20)
        .map(({ json }) => json["id"])
        .sort(),
    );
    expect(summaryOf(answer)).toMatchObject({
      type: "summary",
      version: "draft",
      changed: 10,
      unreadableCalls: 0,
      unreadableSegments: [],
    });
    expect(summaryOf(answer)["moves"]).toContainEqual({ before: "america", after: "replay-test", calls: 10 });

    const few = await replay({ limit: 3 });
    expect(linesOf(few).filter(({ type }) => type === "change")).toHaveLength(3);
    expect(summaryOf(few)).toMatchObject({ changed: 10 });
    expect(summaryOf(await replay({ version: "current" }))).toMatchObject({ changed: 0 });
    expect((await admin.send("/v1/routing-rules/replay-test", { method: "DELETE" })).status).toBe(204);
  });

  it("sees no other tenant's calls, and none outside its period", async () => {
    const other = await as("admin", "acme");
    expect(summaryOf(await other.post("/v1/routing/replay", { ...period(), version: "current" }))).toMatchObject({ calls: 0 });
    const past = { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", version: "current" };
    expect(summaryOf(await replay(past))).toMatchObject({ calls: 0, changed: 0 });
  });

  it("refuses a period that is none, or too long", async () => {
    const { from } = period();
    expect(pointersOf(await replay({ to: from }), "errors")).toEqual(["/to"]);
    expect(pointersOf(await replay({ from: "2026-01-01T00:00:00Z" }), "errors")).toEqual(["/to"]);
  });
});

describe("[RTE-25] a bound on a trunk's calls", () => {
  it("rejects what is beyond it and raises one alert, until the bound is taken away", async () => {
    await patch("/v1/trunks/main", { toll: { callsPerHour: 5 } });
    const bounded = await publish();
    const inForce = async () => planOf(await explain(ORDINARY_CALL))["snapshotVersion"] === bounded;
    expect(await until(inForce, IN_FORCE_MS)).toBe(true);
    const ALERTS = 'trunkline_toll_alerts_total{lane="standard",tenant="demo",trunk="main"}';
    const valueOf = async (series: string): Promise<number> =>
      samplesIn((await world.gate.get("/metrics")).text).find((sample) => sample.series === series)?.value ?? 0;
    const plans = async (count: number) => {
      const answers = await Promise.all(Array.from({ length: count }, () => admin.post("/v1/calls", ORDINARY_CALL)));
      return answers.map((answer) => planOf(answer));
    };
    // The isolate that routes may still hold the version before: its calls are not bounded.
    const isBounded = async () => (await plans(1))[0]!["snapshotVersion"] === bounded;
    expect(await until(isBounded, IN_FORCE_MS)).toBe(true);
    const decided = await plans(12);
    // On a machine that is short of breath the ledger may miss its deadline; such calls are let through, and counted.
    const unchecked = await valueOf('trunkline_toll_unchecked_total{lane="standard"}');
    expect(decided.filter(({ action }) => action === "route")).toHaveLength(4 + unchecked);
    expect(decided.filter(({ decidedBy }) => decidedBy === "toll_limit")).toHaveLength(8 - unchecked);
    const emergency = await admin.post("/v1/calls", { ...ORDINARY_CALL, to: "112" });
    expect(planOf(emergency)).toMatchObject({ action: "route" });
    expect(await until(async () => (await valueOf(ALERTS)) === 1, IN_FORCE_MS)).toBe(true);

    await patch("/v1/trunks/main", { toll: { callsPerHour: null } });
    await publish();
    const isFree = async () => (await plans(1))[0]!["action"] === "route";
    expect(await until(isFree, IN_FORCE_MS)).toBe(true);
  });
});

describe("[RTE-11] a trunk that takes one kind of credentials", () => {
  it("refuses calls with another kind, but no emergency call, and takes them again when it says so", async () => {
    const place = (to: string) => admin.post("/v1/calls", { ...ORDINARY_CALL, to });
    const status = async (to: string) => (await place(to)).status;
    await patch("/v1/trunks/main", { auth: ["signature"] });
    await publish();
    expect(await until(async () => (await status(ORDINARY_CALL.to)) === 403, IN_FORCE_MS)).toBe(true);
    expect((await place(ORDINARY_CALL.to)).json["detail"]).toBe("the trunk does not take credentials of this kind");
    expect(await status("112")).toBe(201);
    await patch("/v1/trunks/main", { auth: ["token"] });
    await publish();
    expect(await until(async () => (await status(ORDINARY_CALL.to)) === 201, IN_FORCE_MS)).toBe(true);
  });
});

describe("[CFG-18] the tenant's own directory", () => {
  const status = async (role: Role) => (await (await as(role)).get("/v1/trunks")).status;

  it("gives a user the roles that stand there, and refuses who is disabled, within the time", async () => {
    const promoted = await admin.send("/v1/users/local-viewer", { method: "PUT", body: { name: "V", roles: ["admin"] } });
    expect(promoted.status).toBe(201);
    // A directory does not lose its last administrator.
    const second = await admin.send("/v1/users/local-second", { method: "PUT", body: { name: "S", roles: ["admin"] } });
    expect(second.status).toBe(201);
    const viewer = await as("viewer");
    const manages = async () => (await viewer.get("/v1/api-keys")).status === 200;
    expect(await until(manages, IN_FORCE_MS)).toBe(true);

    const disabled = await admin.send("/v1/users/local-viewer", {
      method: "PUT",
      body: { name: "V", roles: ["admin"], disabled: true },
    });
    expect(disabled.status).toBe(200);
    expect(await until(async () => (await status("viewer")) === 403, IN_FORCE_MS)).toBe(true);
    expect(await status("operator")).toBe(200);

    expect((await admin.send("/v1/users/local-viewer", { method: "DELETE" })).status).toBe(204);
    expect(await until(async () => (await status("viewer")) === 200, IN_FORCE_MS)).toBe(true);
  });
});
