import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { JOB_KEPT_MS, type JobResult, type JobTask, type JobView, MAX_JOB_ATTEMPTS } from "../../domain/jobs/job.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { ask } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

const TASK: JobTask = { kind: "config.publish", subject: "somebody", note: null, dryRun: false, expectedRevision: null };
const DONE: JobResult = { status: 200, body: { version: "one" } };

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

/** An accepted job, whose alarm has not come yet. @param answers of its runner, one after the other. */
async function accepted(name: string, ...answers: readonly (JobResult | Error)[]) {
  const job = env.JOB!.getByName(name);
  let runs = 0;
  const arm = () =>
    runInDurableObject(job, (instance, { storage }) => {
      instance.runner = {
        run: async () => {
          const answer = answers[Math.min(runs++, answers.length - 1)]!;
          if (answer instanceof Error) throw answer;
          return answer;
        },
      };
      return storage.getAlarm();
    });
  await arm();
  await job.begin("an-id", "t" as TenantId, TASK);
  return { job, arm, runs: () => runs };
}

async function settled(job: Awaited<ReturnType<typeof accepted>>["job"]): Promise<void> {
  for (let turn = 0; turn <= MAX_JOB_ATTEMPTS && !((await job.view()) as JobView | null)?.finishedMs; turn++)
    await runDurableObjectAlarm(job);
}

describe("[API-6] work that is answered later", () => {
  it("[API-6] is done once, told for a week, and then forgotten", async () => {
    const { job, runs } = await accepted("a", DONE);
    await settled(job);
    expect(await job.view()).toMatchObject({ state: "done", result: DONE });
    await job.begin("an-id", "t" as TenantId, TASK);
    await evictDurableObject(job);
    expect(await job.view()).toMatchObject({ state: "done", result: DONE });
    expect(runs()).toBe(1);
    const { untilMs, finishedMs } = await runInDurableObject(job, async (instance, { storage }) => ({
      untilMs: await storage.getAlarm(),
      finishedMs: (await instance.view())!.finishedMs!,
    }));
    expect(untilMs).toBe(finishedMs + JOB_KEPT_MS);
    expect(await runDurableObjectAlarm(job)).toBe(true);
    expect(await job.view()).toBeNull();
  });

  it("[API-6] is begun again when it breaks off, and given up with a plain word in the end", async () => {
    const healed = await accepted("b", new Error("away"), DONE);
    await settled(healed.job);
    expect(await healed.job.view()).toMatchObject({ state: "done", result: DONE });
    const hopeless = await accepted("c", new Error("away"));
    await settled(hopeless.job);
    expect(hopeless.runs()).toBe(MAX_JOB_ATTEMPTS);
    expect(await hopeless.job.view()).toMatchObject({ state: "done", result: { status: 503 } });
  });

  it("[API-6] is accepted with 202 where the client asks for it, and is its own tenant's alone", async () => {
    const asked = await ask("/v1/config/publish", {
      key: tenant.key("admin"),
      body: {},
      headers: { Prefer: "wait=1, respond-async", "Content-Type": "application/json", "If-Match": '"1"' },
    });
    expect(asked.status).toBe(202);
    expect(asked.headers.get("Preference-Applied")).toBe("respond-async");
    const location = asked.headers.get("Location")!;
    expect(location).toBe(`/v1/jobs/${String(asked.body["id"])}`);
    const seen = await ask(location, { key: tenant.key("viewer") });
    expect(seen.status).toBe(200);
    expect(seen.body).toMatchObject({ id: asked.body["id"], kind: "config.publish" });
    const stranger = await publishedTenant();
    expect((await ask(location, { key: stranger.key("admin") })).status).toBe(404);
    expect((await ask("/v1/jobs/nonsense", { key: tenant.key("admin") })).status).toBe(404);
  });
});
