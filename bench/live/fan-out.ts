/** One session, many sockets: how fast its events reach all of them, and how soon. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "../load/client.ts";
import { type Window, windowOf } from "../statistics.ts";
import type { Workspace } from "../workspace.ts";
import { type Delivered, openSockets } from "./sockets.ts";
import { monotonicMs } from "./messages.ts";
import type { LiveServer, LiveVariant, Room } from "./variants.ts";

/** Below what the server can carry: what a client waits is delivery, not a queue. */
const PACED = { events: 24, perSecond: 6 } as const;
/** As fast as it goes: a new write when one of these is answered. */
const SATURATED = { warmUp: 30, events: 120, connections: 4 } as const;
const DELIVERY_DEADLINE_MS = 30_000;

export type FanOut = {
  /** Per delivery: frames per second, latency, and the server's processor time. */
  readonly saturated: Window;
  readonly paced: Window;
  /** Share of a core that server and clients used while saturated. */
  readonly serverCores: number;
  readonly clientCores: number;
  readonly bytesPerFrame: number;
  /** Deliveries that were expected and did not come, or came twice. */
  readonly wrong: number;
};

/** When each write was sent, by its marker. */
export type Sent = Map<number, number>;

export async function write(client: Client, server: LiveServer, room: Room, marker: number, sent: Sent): Promise<void> {
  sent.set(marker, monotonicMs());
  const { status, text } = await client.send("POST", room.path, server.bodyOf(marker));
  if (status !== 200) throw new Error(`a write was answered with ${status}: ${text}`);
}

/** From each write to each delivery, in milliseconds. */
export const latenciesOf = (sent: Sent, { markers, atMs }: Delivered): number[] =>
  markers.map((marker, index) => atMs[index]! - (sent.get(marker) ?? Number.NaN));

async function inParallel(count: number, connections: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const connection = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: connections }, connection));
}

export async function measureFanOut(workspace: Workspace, variant: LiveVariant, sockets: number): Promise<FanOut> {
  const server = await variant.start(workspace);
  const client = createClient(server.target, SATURATED.connections);
  try {
    const [room] = await server.rooms(1);
    const urls = Array.from({ length: sockets }, () => room!.socketUrl);
    const clients = await openSockets(workspace, { urls, ...server.client });
    try {
      let marker = 0;
      const burst = async (events: number): Promise<{ sent: Sent; delivered: Delivered }> => {
        const sent: Sent = new Map();
        await inParallel(events, SATURATED.connections, () => write(client, server, room!, (marker += 1), sent));
        return { sent, delivered: await clients.collect(events * sockets, DELIVERY_DEADLINE_MS) };
      };
      await burst(SATURATED.warmUp);

      const pacedSent: Sent = new Map();
      for (let index = 0; index < PACED.events; index++) {
        const startedMs = monotonicMs();
        await write(client, server, room!, (marker += 1), pacedSent);
        await sleep(Math.max(0, 1_000 / PACED.perSecond - (monotonicMs() - startedMs)));
      }
      const paced = await clients.collect(PACED.events * sockets, DELIVERY_DEADLINE_MS);

      const [serverMs, clientMs] = [server.cpuMs(), clients.cpuMs()];
      const { sent, delivered } = await burst(SATURATED.events);
      const [usedMs, clientsUsedMs] = [server.cpuMs() - serverMs, clients.cpuMs() - clientMs];
      const firstMs = Math.min(...sent.values());
      const seconds = (delivered.atMs.reduce((last, at) => Math.max(last, at), firstMs) - firstMs) / 1_000;
      const expected = (SATURATED.events + PACED.events) * sockets;
      return {
        saturated: windowOf(latenciesOf(sent, delivered), seconds, usedMs),
        paced: windowOf(latenciesOf(pacedSent, paced), PACED.events / PACED.perSecond),
        serverCores: usedMs / 1_000 / seconds,
        clientCores: clientsUsedMs / 1_000 / seconds,
        bytesPerFrame: delivered.bytes / delivered.markers.length,
        wrong: Math.abs(expected - delivered.markers.length - paced.markers.length) + delivered.closed,
      };
    } finally {
      await clients.stop();
    }
  } finally {
    client.close();
    await server.stop();
  }
}
