/** From a draft to what is in force, over HTTP, with the whole system behind it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../domain/identity/principal.ts";
import { until } from "../../local/deadline.ts";
import type { Answer, Client, Json } from "../system/client.ts";
import { ORDINARY_CALL, type World, startWorld } from "../system/harness.ts";

/** [CFG-10] */
const IN_FORCE_MS = 10_000;
const DESTINATION = "/v1/destinations/front-desk";
const CALL = { ...ORDINARY_CALL, to: "+15551230002" };
const MERGE_PATCH = { "content-type": "application/merge-patch+json" };

let world: World;
let admin: Client;

const as = async (role: Role): Promise<Client> => world.gate.as(`Bearer ${await world.system.token(role, "demo")}`);
const patch = (path: string, body: Json): Promise<Answer> => admin.send(path, { method: "PATCH", body, headers: MERGE_PATCH });
const publish = (body: Json = {}): Promise<Answer> => admin.post("/v1/config/publish", body);
const moveTo = async (name: string): Promise<void> => {
  const answer = await patch(DESTINATION, { target: { type: "sip", uri: `sip:front-desk@${name}` } });
  expect(answer.status).toBe(200);
};

/** Where a call to the front desk goes now. */
async function reached(): Promise<string> {
  const answer = await admin.post("/v1/calls", CALL);
  const plan = answer.json["plan"] as { readonly destinations: readonly { readonly uri: string }[] };
  return plan.destinations[0]?.uri.replace(/^.*@/, "") ?? "";
}

const goesTo = (name: string): Promise<boolean> => until(async () => (await reached()) === name, IN_FORCE_MS);

beforeAll(async () => {
  world = await startWorld();
  admin = await as("admin");
});
afterAll(() => world.end());

describe("publishing", () => {
  it("[CFG-8] [CFG-10] puts a draft in force within ten seconds, and says before and after what changes", async () => {
    const before = await reached();
    await moveTo("one.example");
    const diff = await admin.get("/v1/config/diff");
    expect(diff.json).toMatchObject({ from: "current", to: "draft", added: 0, removed: 0, changed: 1 });
    const dry = await publish({ dryRun: true });
    expect([dry.status, dry.json["version"], dry.json["changed"]]).toEqual([200, null, true]);
    expect(await reached()).toBe(before);
    const published = await publish({ note: "moved" });
    expect(published.status).toBe(200);
    expect(published.json).toMatchObject({ changed: true, changes: { added: 0, removed: 0, changed: 1 } });
    expect(await goesTo("one.example")).toBe(true);
    const again = await publish();
    expect([again.json["version"], again.json["changed"]]).toEqual([published.json["version"], false]);
  });

  it("[CFG-9] lists versions with who and how much, and puts one of them in force again", async () => {
    await moveTo("two.example");
    await publish({ note: "moved again" });
    expect(await goesTo("two.example")).toBe(true);
    const versions = await admin.get("/v1/config/versions?limit=2");
    const items = versions.json["items"] as readonly Json[];
    expect(items.map(({ note, inForce }) => [note, inForce])).toEqual([
      ["moved again", true],
      ["moved", false],
    ]);
    const version = items[1]!["version"];
    const back = await admin.post("/v1/config/rollback", { version });
    expect(back.json).toEqual({ version, changed: true });
    expect(await goesTo("one.example")).toBe(true);
  });

  it("[CFG-14] refuses a draft with mistakes, and changes nothing", async () => {
    expect((await patch("/v1/trunks/main", { sources: ["127.0.0.1"] })).status).toBe(200);
    const refused = await publish();
    expect([refused.status, refused.json["code"]]).toEqual([422, "configuration_invalid"]);
    const errors = refused.json["errors"] as readonly Json[];
    expect(errors.map(({ code, pointer }) => [code, pointer])).toEqual([["duplicate_source", "/trunks/pbx-main/sources/0"]]);
    expect(await reached()).toBe("one.example");
    expect((await patch("/v1/trunks/main", { sources: [] })).status).toBe(200);
  });

  it("[CFG-8] is for those who may publish", async () => {
    const operator = await as("operator");
    const answers = [await operator.post("/v1/config/publish", {}), await operator.post("/v1/config/rollback", {})];
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect((await operator.get("/v1/config/versions")).status).toBe(200);
  });

  it("[CFG-9] refuses what it does not understand", async () => {
    const answers = [
      await publish({ dryrun: true }),
      await admin.post("/v1/config/rollback", { version: "latest" }),
      await admin.post("/v1/config/rollback", { version: "20200101T000000000Z-000000000000" }),
      await admin.get("/v1/config/diff?from=yesterday"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 404, 400]);
  });
});
