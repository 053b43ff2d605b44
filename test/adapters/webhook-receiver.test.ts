/** The receiver in docs/webhooks.md, as it stands there. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deliveryHeaders, mintWebhookKeys } from "../../adapters/identity/webhook-keys.ts";
import { freePort } from "../../local/ports.ts";

const ROOT = join(import.meta.dirname, "../..");
const START_MS = 10_000;
const [, SAMPLE = ""] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "docs/webhooks.md"), "utf8")) ?? [];
const BODY = JSON.stringify({ specversion: "1.0", id: "e1", type: "dev.trunkline.call.answered.v1", data: { text: "é" } });

const keys = await mintWebhookKeys(crypto.getRandomValues(new Uint8Array(32)));
const others = await mintWebhookKeys(crypto.getRandomValues(new Uint8Array(32)));
let receiver: ChildProcess;
let url: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  receiver = spawn(process.execPath, ["--input-type=module", "--eval", SAMPLE], {
    cwd: ROOT,
    env: { ...process.env, WEBHOOK_SECRET: keys.secret, PORT: String(port) },
    stdio: "ignore",
  });
  const deadline = Date.now() + START_MS;
  while (
    !(await fetch(url)
      .then(() => true)
      .catch(() => false))
  ) {
    if (Date.now() > deadline || receiver.exitCode !== null) throw new Error("the receiver does not listen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
afterAll(() => receiver.kill());

async function deliver(body: string, signedBody = body, nowMs = Date.now(), by = [keys]): Promise<number> {
  const headers = await deliveryHeaders(by, "e1", nowMs, signedBody);
  return (await fetch(url, { method: "POST", body, headers })).status;
}

describe("[HOOK-2] the receiver of the documentation", () => {
  it("takes what was signed, as often as it comes, also while two secrets sign", async () => {
    expect([await deliver(BODY), await deliver(BODY), await deliver(BODY, BODY, Date.now(), [others, keys])]).toEqual([
      204, 204, 204,
    ]);
  });

  it("takes nothing else: another body, another secret, an old delivery, none at all", async () => {
    expect(await deliver(BODY, `${BODY} `)).toBe(401);
    expect(await deliver(BODY, BODY, Date.now(), [others])).toBe(401);
    expect(await deliver(BODY, BODY, Date.now() - 3_600_000)).toBe(401);
    expect((await fetch(url, { method: "POST", body: BODY })).status).toBe(401);
  });
});
