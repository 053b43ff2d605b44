/** The service in examples/decision-service, as it stands there. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decisionSecret } from "../../../adapters/identity/decision-secrets.ts";
import { number } from "../../domain/routing/fixtures.ts";
import { type LocalProgram, ROOT, startProgram } from "../local-program.ts";
import { Asker, CALL, CONFIG_KEY, TENANT } from "./fixture.ts";

let service: LocalProgram;
let url: string;

/** It signs by its own clock, which has to be the machine's. */
const asker = new Asker();
asker.nowMs = Date.now();

beforeAll(async () => {
  const secrets = await Promise.all([7, 8].map((version) => decisionSecret(CONFIG_KEY, TENANT, "crm", version)));
  service = await startProgram([join(ROOT, "examples/decision-service/service.ts")], { DECISION_SECRETS: secrets.join(",") });
  ({ url } = service);
});
afterAll(() => service.stop());

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
