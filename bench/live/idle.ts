/** Many sockets on which nothing happens, each with an object of its own: what they hold, and how soon one that is woken has told its client. */
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "../load/client.ts";
import { type Window, windowOf } from "../statistics.ts";
import type { Workspace } from "../workspace.ts";
import { type Sent, latenciesOf, write } from "./fan-out.ts";
import { monotonicMs } from "./messages.ts";
import { openSockets } from "./sockets.ts";
import type { LiveServer, LiveVariant, Room } from "./variants.ts";

/** An object with nothing but idle sockets leaves memory after 10 s; then what it held is given back. */
const ASLEEP_AFTER_MS = 13_000;
/** Below what the server can carry. */
const WAKE_PER_SECOND = 25;
/** Sessions that are woken before those that are measured. */
const WARM_UP = 20;
const CONNECTIONS = 64;
const DEADLINE_MS = 30_000;

export type Idle = {
  /** Resident memory that sockets add, per socket: when they have just been opened, and when their objects have left memory. */
  readonly openedBytes: number;
  readonly idleBytes: number;
  /** Of all `ping`s: how many were answered, how many objects came into memory for them, and the server's processor time of each. */
  readonly pongs: number;
  readonly wokenByPing: number | null;
  readonly pingCpuMs: number;
  /** From a write to the client of the object that it woke. */
  readonly wake: Window;
  readonly woken: number | null;
  readonly wrong: number;
};

/** Writes to the rooms at a steady rate, whose marker is the room's place in the list. */
async function wakeAll(server: LiveServer, rooms: readonly Room[]): Promise<Sent> {
  const client = createClient(server.target, CONNECTIONS);
  const sent: Sent = new Map();
  const startedMs = monotonicMs();
  const writes = rooms.map(async (room, index) => {
    await sleep(Math.max(0, startedMs + (index * 1_000) / WAKE_PER_SECOND - monotonicMs()));
    await write(client, server, room, index, sent);
  });
  await Promise.all(writes);
  client.close();
  return sent;
}

const since = (now: number | null, before: number | null): number | null =>
  now === null || before === null ? null : now - before;

export async function measureIdle(workspace: Workspace, variant: LiveVariant, count: number, sample: number): Promise<Idle> {
  const server = await variant.start(workspace);
  try {
    const rooms = await server.rooms(count);
    await sleep(variant.hibernates ? ASLEEP_AFTER_MS : 0);
    const emptyBytes = server.residentBytes();
    const clients = await openSockets(workspace, { urls: rooms.map(({ socketUrl }) => socketUrl), ...server.client });
    try {
      const openedBytes = server.residentBytes();
      await sleep(variant.hibernates ? ASLEEP_AFTER_MS : 0);
      const idleBytes = server.residentBytes();

      const [before, cpuMs] = [await server.constructed(), server.cpuMs()];
      const pongs = await clients.ping(DEADLINE_MS);
      const pingCpuMs = (server.cpuMs() - cpuMs) / count;
      const pinged = await server.constructed();

      const chosen = rooms.filter((_, index) => index % Math.floor(count / sample) === 0).slice(0, sample);
      // What a Worker has looked up is warm where there is any traffic: it is the objects that are to be cold.
      const others = rooms.filter((room) => !chosen.includes(room)).slice(0, WARM_UP);
      await wakeAll(server, others);
      await clients.collect(others.length, DEADLINE_MS);
      const warmed = await server.constructed();
      const sent = await wakeAll(server, chosen);
      const delivered = await clients.collect(chosen.length, DEADLINE_MS);
      return {
        openedBytes: (openedBytes - emptyBytes) / count,
        idleBytes: (idleBytes - emptyBytes) / count,
        pongs,
        wokenByPing: since(pinged, before),
        pingCpuMs,
        wake: windowOf(latenciesOf(sent, delivered), chosen.length / WAKE_PER_SECOND),
        woken: since(await server.constructed(), warmed),
        wrong: Math.abs(chosen.length - delivered.markers.length) + delivered.closed,
      };
    } finally {
      await clients.stop();
    }
  } finally {
    await server.stop();
  }
}
