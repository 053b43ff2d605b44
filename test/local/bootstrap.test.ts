/** The launcher in a small tree of its own, with an npm that only notes that it was asked. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../local/paths.ts";
import { temporaryStateDir } from "./state-dir.ts";

const NPM = `#!/bin/sh
echo "npm talks on stdout"
echo "$@" >> npm-calls
mkdir -p node_modules && cp package-lock.json node_modules/.package-lock.json
`;

const SCRIPT = `
const [what, ...rest] = process.argv.slice(2);
if (what === "fail") process.exit(7);
if (what === "wait") {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => { console.log(signal); process.exit(3); });
  setInterval(() => {}, 1000);
}
console.log(JSON.stringify([what, ...rest] as string[]));
`;

function tree() {
  const root = temporaryStateDir();
  for (const folder of ["local", "bin"]) mkdirSync(join(root, folder));
  copyFileSync(join(ROOT, "local", "bootstrap.mjs"), join(root, "local", "bootstrap.mjs"));
  writeFileSync(join(root, "script.ts"), SCRIPT);
  writeFileSync(join(root, "bin", "npm"), NPM, { mode: 0o755 });
  symlinkSync(process.execPath, join(root, "bin", "node"));
  const lock = (version: string) =>
    writeFileSync(
      join(root, "package-lock.json"),
      JSON.stringify({ packages: { "": {}, "node_modules/thing": { version, integrity: version } } }),
    );
  lock("1.0.0");
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: [join(root, "bin"), dirname("/bin/sh"), "/usr/bin"].join(delimiter) };
  delete env["npm_lifecycle_event"];
  const command = [join(root, "local", "bootstrap.mjs"), "script.ts"];
  return {
    lock,
    run: (...args: string[]) => spawnSync(process.execPath, [...command, ...args], { cwd: root, env, encoding: "utf8" }),
    spawn: (...args: string[]) =>
      spawn(process.execPath, [...command, ...args], { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] }),
    installs: () =>
      existsSync(join(root, "npm-calls")) ? readFileSync(join(root, "npm-calls"), "utf8").trim().split("\n") : [],
  };
}

describe("the launcher", () => {
  it("installs what is locked when it is missing or another version, says so on stderr, and not otherwise", () => {
    const { run, installs, lock } = tree();
    const first = run("a", "b c");
    expect(first).toMatchObject({ stdout: '["a","b c"]\n', status: 0 });
    expect(first.stderr).toMatch(/Installing the locked dependencies/);
    expect(run("again")).toMatchObject({ stdout: '["again"]\n', stderr: "" });
    expect(installs()).toHaveLength(1);
    lock("1.0.1");
    expect(run("new").stdout).toBe('["new"]\n');
    expect(installs()).toHaveLength(2);
    expect(installs()[0]).toMatch(/^ci /);
  });

  it("ends as the script ends", () => {
    expect(tree().run("fail")).toMatchObject({ status: 7, stdout: "" });
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("passes %s on to the script and waits for it", async (signal) => {
    const child = tree().spawn("wait");
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += String(chunk)));
    await once(child.stdout, "data");
    child.kill(signal);
    const [code] = await once(child, "exit");
    expect({ code, output }).toEqual({ code: 3, output: `["wait"]\n${signal}\n` });
  });
});
