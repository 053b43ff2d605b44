import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../local/paths.ts";
import { ensureSecrets, readSecrets } from "../../local/secrets.ts";
import { authIssuers } from "../../local/tokens.ts";
import { temporaryStateDir } from "./state-dir.ts";

const token = (stateDir: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, "local", "token.ts"), ...args], {
    encoding: "utf8",
    env: { ...process.env, TRUNKLINE_STATE: stateDir },
  });

describe("npm run token", () => {
  it("prints a token, alone, that the Workers' own configuration verifies", async () => {
    const stateDir = temporaryStateDir();
    const [issuer] = JSON.parse(authIssuers(await ensureSecrets(stateDir)));
    const { stdout, stderr, status } = token(stateDir, "--role", "supervisor", "--tenant", "acme");
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { payload, protectedHeader } = await jwtVerify(stdout.trim(), createLocalJWKSet(issuer.jwks), {
      issuer: issuer.issuer,
      audience: issuer.audience,
    });
    expect(protectedHeader).toMatchObject({ alg: "ES256", kid: issuer.jwks.keys[0].kid });
    expect(payload).toMatchObject({ tenant: "acme", roles: ["supervisor"] });
    expect(payload.exp! - payload.iat!).toBe(8 * 3_600);
  });

  it.each([[["--role", "boss"]], [[]], [["--rolle", "admin"]], [["--role", "admin", "--tenant", "No Tenant"]]])(
    "explains %j and exits with 2",
    (args) => {
      const { stdout, stderr, status } = token(temporaryStateDir(), ...args);
      expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stderr.trim()).not.toBe("");
    },
  );

  it("says that the system has to be started first", () => {
    const { stdout, stderr, status } = token(temporaryStateDir(), "--role", "admin");
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr).toContain("npm start");
  });
});

describe("the secrets of a state folder", () => {
  it("stay the same, and damage is explained instead of being replaced by others", async () => {
    const stateDir = temporaryStateDir();
    expect(readSecrets(stateDir)).toBeUndefined();
    const first = await ensureSecrets(stateDir);
    expect(await ensureSecrets(stateDir)).toEqual(first);
    writeFileSync(join(stateDir, "secrets.json"), "{}");
    await expect(ensureSecrets(stateDir)).rejects.toThrow(/npm run reset/);
  });
});
