/** `npm run admin -- create-tenant`: a tenant begins here. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../local/paths.ts";
import { type World, startWorld } from "../system/harness.ts";

const run = promisify(execFile);
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

async function tenant(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const own = { TRUNKLINE_STATE: world.stateDir, PORT: String(world.port.emergency), ...env };
  try {
    const { stdout, stderr } = await run(process.execPath, [join(ROOT, "local", "admin.ts"), "create-tenant", ...words], {
      cwd: ROOT,
      env: { ...process.env, ...own },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe("[RUN-11] npm run admin -- create-tenant", () => {
  it("makes a tenant whose administrator can configure, publish and place calls at once", async () => {
    const made = await tenant(["clinic", "--name", "A clinic"]);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tlk_clinic_[0-9a-z]{12}_[\w-]{43}\n$/) as string });
    const admin = world.gate.as(`Bearer ${made.stdout.trim()}`);
    expect((await admin.get("/v1/trunks")).json).toEqual({ items: [] });
    expect((await admin.post("/v1/calls", { from: "+15550100100", to: "+15551230001", channel: "api" })).status).toBe(403);
    const create = async (path: string, body: unknown) => expect((await admin.post(path, body)).status).toBe(201);
    await create("/v1/trunks", { id: "main", dialProfile: { country: "US" } });
    await create("/v1/destinations", { id: "out", target: { type: "sip", uri: "sip:{number}@gw.example" } });
    await create("/v1/emergency-routes", { id: "all", destinations: ["out"] });
    await create("/v1/routing-rules", { id: "world", action: { type: "route", destinations: ["out"] } });
    const settings = await admin.send("/v1/settings", { method: "PUT", body: { defaultTrunk: "main" } });
    expect(settings.status).toBe(201);
    expect((await admin.post("/v1/config/publish", {})).status).toBe(200);
    const place = () => admin.post("/v1/calls", { from: "+15550100100", to: "+15551230001", channel: "api" });
    await expect.poll(async () => (await place()).json["plan"], { timeout: 10_000 }).toMatchObject({ ruleId: "world" });
  });

  it("gives whoever lost a key another one, and leaves the tenant as it is", async () => {
    const [first, second] = [await tenant(["practice"]), await tenant(["practice", "--name", "Another name"])];
    expect(second.stdout).not.toBe(first.stdout);
    expect(first.stderr).toContain("Tenant practice is there");
    expect(second.stderr).not.toContain("is there");
    for (const { stdout } of [first, second])
      expect((await world.gate.as(`Bearer ${stdout.trim()}`).get("/v1/api-keys")).status).toBe(200);
  });

  it("is for nobody without the configuration key, and says what is wrong with a name", async () => {
    const stranger = { TRUNKLINE_URL: world.system.standardUrl, CONFIG_KEY: Buffer.alloc(32, 7).toString("base64") };
    expect(await tenant(["thief"], stranger)).toMatchObject({ code: 1, stdout: "" });
    expect((await world.gate.post("/internal/tenants", { id: "thief", name: "x" })).status).toBe(404);
    expect((await tenant(["No_Slug"])).stderr).toContain("lower-case letters");
    expect(await tenant([])).toMatchObject({ code: 2, stdout: "" });
  });
});
