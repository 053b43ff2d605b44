/** The load generator for requests that were written beforehand, in a process of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import { type RawConnection, openRaw } from "../../load/raw-connection.ts";
import type { FromRequests, RequestsJob, RequestsResult, ToRequests } from "./messages.ts";

const TOO_MANY_REQUESTS = 429;

const isGood = (status: number): boolean => status >= 200 && status < 300;

type Tally = { readonly latenciesMs: number[]; limited: number; readonly errors: Record<string, number> };

type Pace = { readonly from: number; readonly count: number; readonly perSecond: number | null };

async function send(
  connections: readonly RawConnection[],
  requests: readonly string[],
  { from, count, perSecond }: Pace,
  into: Tally,
): Promise<void> {
  let next = 0;
  const startedMs = performance.now();
  const keepBusy = async ({ exchange }: RawConnection): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const dueMs = perSecond === null ? performance.now() : startedMs + (index * 1_000) / perSecond;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      const { status } = await exchange(requests[(from + index) % requests.length]!);
      if (isGood(status)) into.latenciesMs.push(performance.now() - dueMs);
      else if (status === TOO_MANY_REQUESTS) into.limited += 1;
      else into.errors[status] = (into.errors[status] ?? 0) + 1;
    }
  };
  await Promise.all(connections.map(keepBusy));
}

async function run({ url, requests, connections: width, warmUp, count, perSecond }: RequestsJob): Promise<RequestsResult> {
  const connections = Array.from({ length: width }, () => openRaw(url));
  const warming: Tally = { latenciesMs: [], limited: 0, errors: {} };
  const tally: Tally = { latenciesMs: [], limited: 0, errors: {} };
  try {
    await send(connections, requests, { from: 0, count: warmUp, perSecond }, warming);
    const fromMs = performance.now();
    await send(connections, requests, { from: warmUp, count, perSecond }, tally);
    const seconds = (performance.now() - fromMs) / 1_000;
    for (const [status, times] of Object.entries(warming.errors)) tally.errors[status] = (tally.errors[status] ?? 0) + times;
    return { type: "requestsDone", ...tally, seconds };
  } finally {
    for (const { close } of connections) close();
  }
}

function tell(message: FromRequests): void {
  process.send?.(message);
}

process.on("message", (job: ToRequests) => {
  run(job).then(tell, (error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
