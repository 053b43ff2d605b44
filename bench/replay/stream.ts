/** Reads an answer of JSON lines as it comes. */
import type { Target } from "../load/client.ts";

export type Lines = {
  readonly seconds: number;
  readonly firstLineMs: number;
  /** The longest time between two lines of progress; NaN where there are none. */
  readonly longestGapMs: number;
  readonly progressLines: number;
  readonly last: Readonly<Record<string, unknown>>;
};

/** @throws when the answer is not 200, or ends without a summary. */
export async function readLines({ url, headers }: Target, body: string): Promise<Lines> {
  const startedMs = performance.now();
  const answer = await fetch(url, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body });
  if (answer.status !== 200 || answer.body === null) throw new Error(`${answer.status}: ${await answer.text()}`);
  let [firstLineMs, lastMs, longestGapMs] = [Number.NaN, Number.NaN, Number.NaN];
  let [rest, progressLines] = ["", 0];
  let last: Record<string, unknown> = {};
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    const nowMs = performance.now();
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      last = JSON.parse(line) as Record<string, unknown>;
      if (Number.isNaN(firstLineMs)) firstLineMs = nowMs - startedMs;
      if (last["type"] !== "progress") continue;
      progressLines += 1;
      if (!Number.isNaN(lastMs)) longestGapMs = Math.max(Number.isNaN(longestGapMs) ? 0 : longestGapMs, nowMs - lastMs);
      lastMs = nowMs;
    }
  }
  if (last["type"] !== "summary") throw new Error("the answer ended without a summary");
  return { seconds: (performance.now() - startedMs) / 1_000, firstLineMs, longestGapMs, progressLines, last };
}
