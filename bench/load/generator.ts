/** The load generator, in a process of its own: what it computes is not on the target's account. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "./client.ts";
import type { BurstJob, BurstResult, CallsJob, CallsResult, Errors, FromLoad, ToLoad } from "./messages.ts";

const isGood = (status: number): boolean => status >= 200 && status < 300;

function note(errors: Errors, status: number): void {
  errors[status] = (errors[status] ?? 0) + 1;
}

/** Every connection sends its next request when the last one is answered. @returns latencies of good answers. */
async function saturate(client: Client, job: BurstJob, count: number, errors: Errors): Promise<number[]> {
  const latenciesMs: number[] = [];
  let left = count;
  const connection = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { status, ms } = await client.send("POST", "", job.body);
      if (isGood(status)) latenciesMs.push(ms);
      else note(errors, status);
    }
  };
  await Promise.all(Array.from({ length: job.connections }, connection));
  return latenciesMs;
}

async function burst(job: BurstJob): Promise<BurstResult> {
  const client = createClient(job.target, job.connections);
  const errors: Errors = {};
  await saturate(client, job, job.warmUp, errors);
  const startedMs = performance.now();
  const latenciesMs = await saturate(client, job, job.count, errors);
  const seconds = (performance.now() - startedMs) / 1_000;
  client.close();
  return { type: "burstDone", latenciesMs, seconds, errors };
}

async function calls(job: CallsJob): Promise<CallsResult> {
  const client = createClient(job.target, job.connections);
  const result: CallsResult = { type: "callsDone", setUpMs: [], reportMs: [], ids: [], seconds: 0, lateMs: 0, errors: {} };
  const call = async (): Promise<void> => {
    const { status, text, ms } = await client.send("POST", "/v1/calls", job.body);
    if (!isGood(status)) return note(result.errors, status);
    result.setUpMs.push(ms);
    const { id } = JSON.parse(text) as { id: string };
    result.ids.push(id);
    for (const { afterMs, body } of job.reports) {
      await sleep(afterMs);
      const answer = await client.send("POST", `/v1/sessions/${id}/events`, JSON.stringify(body));
      if (isGood(answer.status)) result.reportMs.push(answer.ms);
      else note(result.errors, answer.status);
    }
  };
  const startedMs = performance.now();
  const running: Promise<void>[] = [];
  let lateMs = 0;
  for (let index = 0; index < job.count; index++) {
    const dueMs = startedMs + (index * 1_000) / job.perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    lateMs = Math.max(lateMs, performance.now() - dueMs);
    running.push(call());
  }
  await Promise.all(running);
  client.close();
  return { ...result, seconds: (performance.now() - startedMs) / 1_000, lateMs };
}

function tell(message: FromLoad): void {
  process.send?.(message);
}

process.on("message", (job: ToLoad) => {
  (job.type === "burst" ? burst(job) : calls(job)).then(tell, (error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
