/** `npm run demo` as a person runs it: a child process beside a started system. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { acquireLock } from "../../local/lock.ts";
import { ROOT } from "../../local/paths.ts";
import { DEMO_TENANT, ensureSecrets, readSecrets } from "../../local/secrets.ts";
import { startSystem } from "../../local/system.ts";
import { mintToken } from "../../local/tokens.ts";
import { runExamples } from "./examples.ts";
import { temporaryStateDir } from "./state-dir.ts";

const PORT = 19_110;
const DEADLINE_MS = 60_000;
const ESCAPE = "\u001b[";

type Run = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

function runDemo(stateDir: string, environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  // What the test's own terminal wants of colours is not what is asked here.
  const { FORCE_COLOR: _force, NO_COLOR: _no, ...inherited } = process.env;
  const env = { ...inherited, PORT: String(PORT), TRUNKLINE_STATE: stateDir, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, "local", "demo.ts")], { env, timeout: DEADLINE_MS }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

describe("the demo", () => {
  it("goes through every chapter of a running system, and reads the events back from R2", async () => {
    const stateDir = temporaryStateDir();
    const system = await startSystem({ stateDir, port: PORT });
    onTestFinished(() => system.stop());
    const { exitCode, stdout, stderr } = await runDemo(stateDir);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain(ESCAPE);

    for (const part of ["config", "events", "eventLog", "database", "standardLane"])
      expect(stdout).toMatch(new RegExp(`✔ ${part}`));
    expect(stdout).toMatch(/decided by +rule support-line/);
    expect(stdout).toMatch(/failover routeIndex=0 sipCode=503 +→ ringing +applied/);
    expect(stdout).toMatch(
      /answered routeIndex=1 sipCode=200 +→ active +applied.*\n.*answered routeIndex=1 sipCode=200 +→ active +not applied/,
    );
    expect(stdout).toMatch(/\+15550100100 → \+15551230001/);
    expect(stdout).toMatch(/SIP 403 Premium numbers are blocked/);
    expect(stdout.match(/^ {3}\/(from|to|channel|priority) /gm)).toHaveLength(4);
    expect(stdout).toMatch(/emergency lane/);
    expect(stdout).toMatch(/\/location dropped/);
    expect(stdout).toMatch(/"uri": ?"sip:\+49301234567@/);

    expect(stdout).toMatch(/Tuesday, 22:00 +→ clinic-night +doctor-on-call.*not clinic-day/);
    expect(stdout).toMatch(/by the draft +→ priority-desk\n.*in force +→ front-desk/);
    expect(stdout).toMatch(/published +\d{8}T\d{9}Z-[0-9a-f]{12} +a call goes to priority-desk/);
    expect(stdout).toMatch(/rolled back +\d{8}T\d{9}Z-[0-9a-f]{12} +a call goes to front-desk/);

    expect(stdout).toMatch(/live +\d+ +leg.placed[^]*live +\d+ +call.answered[^]*hangUp +taken[^]*listed +completed, booked/);
    const chapter = stdout.slice(stdout.indexOf("What was recorded"));
    const recorded = [...chapter.matchAll(/Z (call|session)\.(\w+)/g)].map(([, , name]) => name);
    expect(recorded).toEqual(
      "received routed opened started ringing failover ringing ringing answered ended completed cancelled".split(" "),
    );
    expect(chapter).toContain(`segments=${recorded.length}`);
    expect(stdout.match(/✔ Shown/g)).toHaveLength(8);

    // [API-11] The same system serves the examples, which takes no second one to start.
    const examples = await runExamples(system.gateUrl, await mintToken(readSecrets(stateDir)!, "admin", DEMO_TENANT));
    expect(examples["record-a-call.ts"]).toMatch(/ended completed answered example,vip\n[^]*session\.amended/);
    expect(examples["follow-live.ts"]).toMatch(/call\.answered[^]*session\.completed[^]*hung up: true/);
    expect(examples["list-sessions.ts"]).toMatch(/sessions: [1-9]\d*/);
    expect(examples["receive-webhooks.ts"]).toBe("verified dev.trunkline.webhook.test.v1\ndelivery delivered\n");
    expect(examples["curl.md"]).toMatch(/"tenant":"demo"[^]*"ticket":"T-118"[^]*"disposition":"answered"[^]*"decidedBy"/);
  });

  it("stops with a hint, and in colour where that is asked for, when the system has other keys", async () => {
    const system = await startSystem({ stateDir: temporaryStateDir(), port: PORT, database: false });
    onTestFinished(() => system.stop());
    const another = temporaryStateDir();
    await ensureSecrets(another);
    const lock = await acquireLock(another);
    onTestFinished(() => lock.release());
    const { exitCode, stdout, stderr } = await runDemo(another, { FORCE_COLOR: "1" });
    expect(exitCode).toBe(1);
    expect(stdout).toContain(ESCAPE);
    expect(stdout).toMatch(/Degraded/);
    expect(stderr).toMatch(/POST \/v1\/calls was answered with 401/);
    expect(stderr).toMatch(/TRUNKLINE_STATE/);
    expect(stderr).not.toMatch(/\bat .*\.ts:/);
  });

  it("says how to start the system when none runs", async () => {
    const stateDir = temporaryStateDir();
    const { exitCode, stdout, stderr } = await runDemo(stateDir);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(`TRUNKLINE_STATE=${stateDir} PORT=${PORT} npm start`);
  });

  it("says so when nobody answers on the port", async () => {
    const stateDir = temporaryStateDir();
    await ensureSecrets(stateDir);
    const lock = await acquireLock(stateDir);
    onTestFinished(() => lock.release());
    const { exitCode, stderr } = await runDemo(stateDir);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/nobody answers at http:\/\/127\.0\.0\.1:19110/);
  });
});
