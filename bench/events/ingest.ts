/** Taking events in, against the floor and the peer: rounds of all variants, one after another. */
import type { Errors } from "../load/messages.ts";
import { rotated } from "../rotated.ts";
import { type Window, windowOf } from "../statistics.ts";
import type { Clients } from "./clients.ts";
import { runEvents } from "./load/load.ts";
import type { Variant } from "./variants.ts";

export const CONNECTIONS = 32;
export const BATCH = 100;

/** One way of sending, and how much of it a window takes. */
export type Sending = {
  readonly name: string;
  readonly perRequest: number;
  readonly warmUp: number;
  readonly requests: number;
};

export type Entry = { readonly variant: Variant; readonly sending: Sending };

export type Measured = Entry & { readonly windows: Window[]; readonly errors: Errors; bodyBytes: number };

async function measure(clients: Clients, { variant, sending }: Entry) {
  const { url, clients: headers, cpuMs, stop } = await variant.start(clients);
  try {
    const { perRequest, warmUp, requests } = sending;
    const beforeMs = cpuMs();
    const rest = { perRequest, connections: CONNECTIONS, warmUp, requests, perSecond: null, patient: false };
    const job = { url, clients: headers, ...rest };
    const { latenciesMs, seconds, errors, bodyBytes } = await runEvents(clients.workspace, job);
    // The warm-up's share is taken off by count: its requests are the same ones.
    const usedMs = ((cpuMs() - beforeMs) * requests) / (requests + warmUp);
    return { window: windowOf(latenciesMs, seconds, usedMs), errors, bodyBytes };
  } finally {
    await stop();
  }
}

/** @param progress told after every window. */
export async function ingestRounds(
  clients: Clients,
  entries: readonly Entry[],
  rounds: number,
  progress: (text: string) => void,
): Promise<Measured[]> {
  const all: Measured[] = entries.map((entry) => ({ ...entry, windows: [], errors: {}, bodyBytes: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (const into of rotated(all, round)) {
      const { window, errors, bodyBytes } = await measure(clients, into);
      into.windows.push(window);
      into.bodyBytes = bodyBytes;
      for (const [status, count] of Object.entries(errors)) into.errors[status] = (into.errors[status] ?? 0) + count;
      const { variant, sending } = into;
      progress(
        `round ${round + 1}/${rounds}  ${variant.name.padEnd(8)} ${sending.name.padEnd(8)} ${(window.perSecond * sending.perRequest).toFixed(0).padStart(7)} events/s  p50 ${window.p50Ms.toFixed(1)} ms  ${window.cpuMs.toFixed(2)} ms CPU  errors ${JSON.stringify(errors)}`,
      );
    }
  }
  return all;
}
