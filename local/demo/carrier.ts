/** Plays the side that carries a call: reports what happens to it, and shows what the session makes of each report. */
import { setTimeout as sleep } from "node:timers/promises";
import { reportedSchema } from "./answers.ts";
import { type Client, ensure } from "./client.ts";
import { columns, dim, good, warn } from "./narrator.ts";

/** Between two reports, so that a person can follow, and so that the times in the record differ. */
const PAUSE_MS = 120;
const REPORT_WIDTH = 34;
const STATE_WIDTH = 11;

export type Report = {
  readonly type: "started" | "ringing" | "failover" | "answered" | "ended" | "cancelled";
  readonly at?: Date;
  readonly routeIndex?: number;
  readonly sipCode?: number;
};

type Step = {
  readonly report: Report;
  /** What the step is in the call, in a few words. */
  readonly note: string;
  readonly applied: boolean;
  readonly state: string;
};

function worded({ type, routeIndex, sipCode }: Report): string {
  const fields = { routeIndex, sipCode };
  return [type, ...Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))].join(
    " ",
  );
}

export type Carrier = {
  /** Reports, shows the state after it, and ends the demo when that is not the expected one. */
  step(step: Step): Promise<void>;
};

export function carrierOf(client: Client, sessionId: string): Carrier {
  return {
    async step({ report, note, applied, state }) {
      await sleep(PAUSE_MS);
      const body = { ...report, at: (report.at ?? new Date()).toISOString() };
      const answer = (await client.post(`/v1/sessions/${sessionId}/events`, body, reportedSchema, [200])).body;
      columns(
        [worded(report), REPORT_WIDTH],
        ["→", 1, dim],
        [answer.state, STATE_WIDTH, answer.state === "completed" ? good : warn],
        [answer.applied ? "applied" : "not applied", 11, answer.applied ? good : dim],
        [note, 0, dim],
      );
      ensure(
        answer.applied === applied && answer.state === state,
        `After "${worded(report)}" the session should be ${state} (applied: ${applied}); it is ${answer.state} (applied: ${answer.applied}).`,
      );
    },
  };
}
