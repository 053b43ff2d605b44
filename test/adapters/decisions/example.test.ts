/** The service in examples/decision-service, as it stands there. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decisionSecret } from "../../../adapters/identity/decision-secrets.ts";
import { freePort } from "../../../local/ports.ts";
import { number } from "../../domain/routing/fixtures.ts";
import { Asker, CALL, CONFIG_KEY, TENANT } from "./fixture.ts";

const ROOT = join(import.meta.dirname, "../../..");
const START_MS = 10_000;
let service: ChildProcess;
let url: string;

/** It signs by its own clock, which has to be the machine's. */
const asker = new Asker();
asker.nowMs = Date.now();

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  const secrets = await Promise.all([7, 8].map((version) => decisionSecret(CONFIG_KEY, TENANT, "crm", version)));
  service = spawn(process.execPath, [join(ROOT, "examples/decision-service/service.ts")], {
    cwd: ROOT,
    env: { ...process.env, DECISION_SECRETS: secrets.join(","), PORT: String(port) },
    stdio: "ignore",
  });
  const deadline = Date.now() + START_MS;
  while (
    !(await fetch(url)
      .then(() => true)
      .catch(() => false))
  ) {
    if (Date.now() > deadline || service.exitCode !== null) throw new Error("the service does not listen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
afterAll(() => service.kill());

describe("[EXT-2] the example of a decision service", () => {
  it("answers what one of its secrets has signed", async () => {
    expect(await asker.ask({ url, secretVersion: 7 })).toMatchObject({
      answer: { action: "route", destinations: ["agent-ada", "support"] },
    });
    const stranger = { ...CALL, from: number("+493012121212") };
    expect(await asker.ask({ url, secretVersion: 9 }, stranger)).toMatchObject({ answer: { action: "decline" } });
  });

  it("refuses a secret that it does not have", async () => {
    expect(await asker.ask({ url, secretVersion: 5 })).toEqual({ tag: "none", because: "failed" });
  });
});
