/** The receiver in docs/webhooks.md, as it stands there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deliveryHeaders, mintWebhookKeys } from "../../adapters/identity/webhook-keys.ts";
import { type LocalProgram, ROOT, startProgram } from "./local-program.ts";

const [, SAMPLE = ""] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "docs/webhooks.md"), "utf8")) ?? [];
const BODY = JSON.stringify({ specversion: "1.0", id: "e1", type: "dev.trunkline.call.answered.v1", data: { text: "é" } });

const keys = await mintWebhookKeys(crypto.getRandomValues(new Uint8Array(32)));
const others = await mintWebhookKeys(crypto.getRandomValues(new Uint8Array(32)));
let receiver: LocalProgram;
let url: string;

beforeAll(async () => {
  receiver = await startProgram(["--input-type=module", "--eval", SAMPLE], { WEBHOOK_SECRET: keys.secret });
  ({ url } = receiver);
});
afterAll(() => receiver.stop());

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
