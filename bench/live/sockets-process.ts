/** Holds sockets, in a process of its own: what clients compute is not on the server's account. */
import { WebSocket } from "ws";
import { ACK_EVERY } from "../../contracts/live.ts";
import { markerIn, sequenceIn } from "./marked.ts";
import { type FromSockets, type OpenSockets, type ToSockets, monotonicMs } from "./messages.ts";

/** Handshakes under way at once: objects that are being made keep file descriptors. */
const AT_ONCE = 64;
const OPEN_DEADLINE_MS = 20_000;

const sockets: WebSocket[] = [];
let markers: number[] = [];
let atMs: number[] = [];
let bytes = 0;
let closed = 0;
let pongs = 0;
let failure: Error | null = null;

function tell(message: FromSockets): void {
  process.send?.(message);
}

function connect(url: string, { headers, protocols, acknowledges }: OpenSockets): Promise<void> {
  const socket = new WebSocket(url, [...protocols], { headers, perMessageDeflate: false, handshakeTimeout: OPEN_DEADLINE_MS });
  let unacknowledged = 0;
  socket.on("message", (data: Buffer) => {
    const nowMs = monotonicMs();
    const marker = markerIn(data);
    if (marker === null) {
      if (data.toString("latin1") === "pong") pongs += 1;
      return;
    }
    markers.push(marker);
    atMs.push(nowMs);
    bytes += data.length;
    unacknowledged += 1;
    if (acknowledges && unacknowledged === ACK_EVERY) {
      unacknowledged = 0;
      socket.send(JSON.stringify({ type: "ack", sequence: sequenceIn(data) }));
    }
  });
  socket.on("close", () => {
    closed += 1;
  });
  socket.on("error", (error) => {
    failure ??= error;
  });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("close", (code) => reject(failure ?? new Error(`closed with ${code}`)));
  });
}

async function open(job: OpenSockets): Promise<FromSockets> {
  const urls = job.urls.values();
  const connection = async (): Promise<void> => {
    for (const url of urls) await connect(url, job);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, connection));
  return { type: "opened" };
}

function collect(): FromSockets {
  const collected = { type: "collected", markers, atMs, bytes, closed } as const;
  [markers, atMs, bytes] = [[], [], 0];
  return collected;
}

function ping(): FromSockets {
  pongs = 0;
  for (const socket of sockets) socket.send("ping");
  return { type: "pinged" };
}

async function handle(message: ToSockets): Promise<FromSockets> {
  switch (message.type) {
    case "open":
      return open(message);
    case "count":
      return { type: "counted", frames: markers.length, pongs };
    case "collect":
      return collect();
    case "ping":
      return ping();
    case "stop":
      process.exit(0);
  }
}

process.on("message", (message: ToSockets) => {
  handle(message).then(tell, (error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
