import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { standard } from "../../workers/standard.ts";
import { bucketWith, brokenBucket, hungBucket } from "./fixture/front.ts";
import { workerWith } from "./fixture/http.ts";
import { publishedTenant } from "./fixture/tenant.ts";

const CALL = { from: "+15551230001", to: "+15551230002", channel: "api" };

describe("a Worker and its configuration", () => {
  it("[CFG-12] costs the calls of a warm isolate no reading at all", async () => {
    const tenant = await publishedTenant();
    let reads = 0;
    const config = bucketWith((key) => {
      reads += 1;
      return env.CONFIG.get(key);
    });
    const worker = workerWith(standard(), { CONFIG: config });
    await worker.ask("/v1/calls", { key: tenant.key("operator"), body: CALL });
    const cold = reads;
    for (let i = 0; i < 5; i++) await worker.ask("/v1/calls", { key: tenant.key("operator"), body: CALL });
    expect(cold).toBeGreaterThan(0);
    expect(reads).toBe(cold);
  });

  it("[CFG-13] lets calls be placed that the last good configuration decides, while R2 is away", async () => {
    const tenant = await publishedTenant();
    let away = false;
    const config = bucketWith((key) => (away ? Promise.reject(new Error("R2 is away")) : env.CONFIG.get(key)));
    const worker = workerWith(standard(), { CONFIG: config });
    const sent = { key: tenant.key("operator"), body: CALL };
    const before = await worker.ask("/v1/calls", sent);
    away = true;
    const after = await worker.ask("/v1/calls", sent);
    expect([before.status, after.status]).toEqual([201, 201]);
    const placeOf = ({ body }: typeof before): unknown => (body["plan"] as Record<string, unknown>)["destinations"];
    expect(placeOf(after)).toEqual(placeOf(before));
  });

  it.each([
    ["fails", brokenBucket],
    ["hangs", hungBucket],
  ])("[CFG-13] that a cold isolate has never read (R2 %s): 503, not 401", async (_, bucket) => {
    const tenant = await publishedTenant();
    const answer = await workerWith(standard(), { CONFIG: bucket() }).ask("/v1/calls", {
      key: tenant.key("operator"),
      body: CALL,
    });
    expect([answer.status, answer.body["code"], answer.headers.has("Retry-After")]).toEqual([503, "unavailable", true]);
  });
});
