/** The processes that place calls, as the harness has them. */
import { join } from "node:path";
import { type Child, startChild } from "../../../bench/child.ts";
import { pin } from "../cores.ts";
import type { Flooded, FromCaller, FromFlood, Placements, Stream, ToCaller, ToFlood } from "./messages.ts";

const START_DEADLINE_MS = 15_000;
/** What is not taken is repeated for half a minute, and the last repetition has a deadline of its own. */
const FINISH_DEADLINE_MS = 90_000;
const MEASURE_GRACE_MS = 20_000;
const CONNECTIONS = 64;
const FLOOD_CONNECTIONS = 256;

export type Calling = {
  readonly pid: number;
  /** Places no more calls, and waits for those under way. The process ends. */
  readonly finish: () => Promise<Placements>;
  readonly stop: () => Promise<void>;
};

/** @param core the only processor that the process may use; absent: any. */
export async function startCalls(scratch: string, name: string, stream: Stream, core?: number): Promise<Calling> {
  const child = startChild<ToCaller, FromCaller>("test/chaos/load/caller.ts", join(scratch, name));
  pin(child.pid, core);
  await child.ask({ type: "start", stream }, "started", START_DEADLINE_MS);
  return {
    pid: child.pid,
    finish: async () => {
      const { calls, lateMs } = await child.ask({ type: "finish" }, "finished", FINISH_DEADLINE_MS);
      await child.stop();
      return { calls, lateMs };
    },
    stop: child.stop,
  };
}

type FloodOf = Pick<Extract<ToFlood, { type: "flood" }>, "target" | "body">;

export type Flooding = {
  /** Set-ups a second that the target answers, at most. */
  readonly measure: (what: FloodOf, forMs: number) => Promise<number>;
  readonly begin: (what: FloodOf, perSecond: number) => Promise<void>;
  readonly end: () => Promise<Flooded>;
  readonly stop: () => Promise<void>;
};

export function startFlooding(scratch: string): Flooding {
  const child: Child<ToFlood, FromFlood> = startChild("test/chaos/load/flood.ts", join(scratch, "flood"));
  return {
    measure: async (what, forMs) => {
      const message = { type: "measure", ...what, connections: CONNECTIONS, forMs } as const;
      return (await child.ask(message, "measured", forMs + MEASURE_GRACE_MS)).perSecond;
    },
    begin: async (what, perSecond) => {
      await child.ask({ type: "flood", ...what, connections: FLOOD_CONNECTIONS, perSecond }, "flooding", START_DEADLINE_MS);
    },
    end: () => child.ask({ type: "end" }, "flooded", START_DEADLINE_MS),
    stop: child.stop,
  };
}
