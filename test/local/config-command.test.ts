/** `npm run config` as a person runs it: a child process beside a started system. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { configurationApi } from "../../local/config/api.ts";
import { push } from "../../local/config/commands.ts";
import { ROOT } from "../../local/paths.ts";
import { removeState } from "../../local/state.ts";
import { startSystem, type System } from "../../local/system.ts";
import { temporaryStateDir } from "./state-dir.ts";

const PORT = 21_310;
const START_DEADLINE_MS = 120_000;
const DEADLINE_MS = 60_000;

type Run = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

const stateDir = mkdtempSync(join(tmpdir(), "trunkline-state-"));
const file = join(stateDir, "trunkline.yaml");
let system: System;

function config(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  const { FORCE_COLOR: _force, TRUNKLINE_URL: _url, TRUNKLINE_TOKEN: _token, ...inherited } = process.env;
  const env = { ...inherited, NO_COLOR: "1", PORT: String(PORT), TRUNKLINE_STATE: stateDir, ...environment };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, "local", "config.ts"), ...args],
      { env, timeout: DEADLINE_MS },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ exitCode, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

const yaml = () => readFileSync(file, "utf8");

/** Replaces text in the file; it has to be there. */
function edit(before: string | RegExp, after: string): void {
  const text = yaml();
  const edited = text.replace(before, after);
  expect(edited).not.toBe(text);
  writeFileSync(file, edited);
}

async function apiAs(role: "admin" | "viewer") {
  return configurationApi({ url: system.standardUrl, token: await system.token(role), isLocal: true });
}

describe("npm run config", () => {
  beforeAll(async () => {
    system = await startSystem({ stateDir, port: PORT });
    return async () => {
      await system.stop();
      removeState(stateDir);
    };
  }, START_DEADLINE_MS);

  it("[CFG-16] writes the draft to a file; pushing what was pulled changes nothing", async () => {
    expect(await config(["pull", file])).toMatchObject({ exitCode: 0, stderr: "" });
    const pulled = yaml();
    expect(pulled).toMatch(/^routingRules:$/m);
    expect(await config(["diff", file])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const { etag } = await (await apiAs("admin")).readDraft();
    const pushed = await config(["push", file, "--publish"]);
    expect(pushed).toMatchObject({ exitCode: 0, stderr: "" });
    expect(pushed.stdout).toMatch(/The draft is as .* says\.\nIn force already: \d{8}T/);
    expect((await (await apiAs("admin")).readDraft()).etag).toBe(etag);
    await config(["pull", file]);
    expect(yaml()).toBe(pulled);
  });

  it("[CFG-16] says what a push would change, changes it when told to, and puts it in force", async () => {
    await config(["pull", file]);
    edit("ringTimeoutMs: 15000", "ringTimeoutMs: 12000");
    edit(/^rateTables:$/m, 'rateTables:\n  - { id: west, currency: USD, rates: [["1", 5000]] }');
    edit('"+15550190666", ', "");
    const diff = await config(["diff", file]);
    expect(diff).toMatchObject({ exitCode: 1, stderr: "" });
    expect(diff.stdout).toMatch(/^destinations\n {2}~ gateway-a\n {6}ringTimeoutMs: 15000 → 12000$/m);
    expect(diff.stdout).toMatch(/^rates\n {2}\+ west 1$/m);
    expect(diff.stdout).toMatch(/^number-list-entries\n {2}- nuisance \+15550190666$/m);
    expect(diff.stdout).toMatch(/2 to add, 1 to remove, 1 to change/);

    const unasked = await config(["push", file]);
    expect(unasked).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/Nothing was written.*--yes/) });
    expect((await config(["diff", file])).exitCode).toBe(1);

    const pushed = await config(["push", file, "--yes", "--publish"]);
    expect(pushed).toMatchObject({ exitCode: 0, stderr: "" });
    expect(pushed.stdout).toMatch(/1 warnings:\n.*trunkline\.yaml:\d+: rate-tables\/west: /);
    expect(pushed.stdout).toMatch(/The draft is written\.\n/);
    expect(pushed.stdout).toMatch(/In force: \d{8}T\d{9}Z-[0-9a-f]{12}/);
    expect((await config(["diff", file])).exitCode).toBe(0);
    await config(["pull", file]);
    expect(yaml()).toMatch(/ringTimeoutMs: 12000/);
  });

  it("names mistakes with their lines: the file's own, and those that only publishing finds", async () => {
    await config(["pull", file]);
    edit("strategy: weighted", "strategy: wieghted");
    const mistyped = await config(["push", file, "--yes"]);
    const line =
      yaml()
        .split("\n")
        .findIndex((each) => each.includes("wieghted")) + 1;
    expect(mistyped).toMatchObject({ exitCode: 2, stdout: "" });
    expect(mistyped.stderr).toContain(`${file}:${line}: /routingRules/`);
    expect(mistyped.stderr).not.toMatch(/\n\s+at /);

    edit("strategy: wieghted", "strategy: weighted");
    edit("destinations: [ front-desk ]", "destinations: [ nowhere ]");
    const dangling = await config(["push", file, "--yes", "--publish"]);
    expect(dangling.exitCode).toBe(2);
    expect(dangling.stderr).toMatch(/cannot be published/);
    expect(dangling.stderr).toMatch(/trunkline\.yaml:\d+: routing-rules\/[\w-]+\/action.*/);
    edit("destinations: [ nowhere ]", "destinations: [ front-desk ]");
    expect(await config(["push", file, "--yes", "--publish"])).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("refuses when the draft has been changed since it was compared, and leaves it as it is", async () => {
    await config(["pull", file]);
    const api = await apiAs("admin");
    const lines: string[] = [];
    edit("ringTimeoutMs: 12000", "ringTimeoutMs: 11000");
    const somebodyElse = async () => {
      const { items, etag } = await api.readDraft();
      await api.replaceDraft(
        items.filter((item) => !(item.kind === "profiles" && item.entity.id === "+15551230005")),
        etag,
      );
      return true;
    };
    const screen = { print: (each: string) => void lines.push(each), ask: somebodyElse };
    const pushing = push({ api, file, screen }, { publish: false, yes: false });
    await expect(pushing).rejects.toThrow(/changed by somebody else/);
    const { items } = await api.readDraft();
    expect(items.some((item) => item.kind === "profiles" && item.entity.id === "+15551230005")).toBe(false);
    expect(items).toContainEqual(
      expect.objectContaining({
        kind: "destinations",
        entity: expect.objectContaining({ id: "gateway-a", ringTimeoutMs: 12_000 }),
      }),
    );
  });

  it("[CFG-15] says in a sentence what is in the way", async () => {
    await config(["pull", file]);
    edit("ringTimeoutMs: 12000", "ringTimeoutMs: 13000");
    const cases: readonly [string[], Record<string, string>, RegExp][] = [
      [["push", file, "--yes"], { TRUNKLINE_TOKEN: await system.token("supervisor") }, /may not do this \(403\)/],
      [["pull", file], { TRUNKLINE_TOKEN: "nonsense" }, /\(401\)/],
      [["pull", file], { PORT: "21398" }, /Nobody answers at http:\/\/127\.0\.0\.1:21399.*npm start/],
      [["pull", file], { TRUNKLINE_URL: "https://api.example" }, /TRUNKLINE_TOKEN is needed/],
      [["pull", file], { TRUNKLINE_STATE: temporaryStateDir() }, /No system has been started/],
      [["diff", join(stateDir, "none.yaml")], {}, /There is no .*none\.yaml/],
      [["pull", file, "--tenant", "No Tenant"], {}, /is no tenant/],
      [["pull", file, "more"], {}, /npm run config -- pull \[file\]/],
      [["pull", "--publish"], {}, /are for push/],
      [["fetch"], {}, /npm run config -- pull \[file\]/],
    ];
    for (const [args, environment, said] of cases) {
      const { exitCode, stdout, stderr } = await config(args, environment);
      expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 2, stderr: expect.stringMatching(said) });
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stdout).not.toMatch(/In force|is written/);
    }
    await system.stopLane("postgres");
    const away = await config(["pull", file]);
    await system.startLane("postgres");
    expect(away).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/cannot do this now \(503\)/) });
  });

  it("keeps tenants apart", async () => {
    const other = join(stateDir, "acme.yaml");
    expect((await config(["pull", other, "--tenant", "acme"])).exitCode).toBe(0);
    expect(readFileSync(other, "utf8")).not.toContain("gateway-a");
  });
});
