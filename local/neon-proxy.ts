/**
 * Neon's protocol in front of the embedded Postgres, so that the Workers use the same driver here as in production.
 *
 * `POST /sql` (see neon-http.ts) and a WebSocket that carries a Postgres connection. Loopback only. Whatever host a client names, it
 * gets the one database that this proxy is for.
 * Source: the driver, https://github.com/neondatabase/serverless, and its proxy, https://github.com/neondatabase/neon/tree/main/proxy.
 */
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Transform } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import { NeonHttp } from "./neon-http.ts";

export type NeonProxy = {
  readonly port: number;
  /** For `DATABASE_LOCAL_ENDPOINT`: where the driver sends its HTTP queries. */
  readonly endpoint: string;
  /** From now on everything that is asked gets to the database so much later; 0 by default. */
  delay(ms: number): void;
  stop(): Promise<void>;
};

const HOST = "127.0.0.1";
const MAX_CONNECTIONS = 512;
const MAX_TUNNELS = 30;
const MAX_FRAME_BYTES = 16 << 20;
const HEADERS_DEADLINE_MS = 10_000;
const DIAL_DEADLINE_MS = 5_000;
/** "Try again later", RFC 6455 registry. */
const CLOSE_BUSY = 1013;

/** @param databasePort asked for every connection, because a restarted server may have another one. */
export async function startNeonProxy(databasePort: () => number): Promise<NeonProxy> {
  const http = new NeonHttp(databasePort);
  let delayMs = 0;
  const server = createServer((request, response) => {
    if (delayMs === 0) void http.handle(request, response);
    else setTimeout(() => void http.handle(request, response), delayMs);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.headersTimeout = HEADERS_DEADLINE_MS;

  const tunnels = new WebSocketServer({ server, maxPayload: MAX_FRAME_BYTES });
  tunnels.on("connection", (socket) => {
    if (tunnels.clients.size > MAX_TUNNELS) return socket.close(CLOSE_BUSY, "too many connections");
    const database = connect({ host: HOST, port: databasePort(), timeout: DIAL_DEADLINE_MS });
    database.once("connect", () => database.setTimeout(0));
    database.once("timeout", () => database.destroy());
    const stream = createWebSocketStream(socket);
    // Either side may break off at any moment; the other one follows.
    stream.on("error", () => database.destroy());
    database.on("error", () => socket.terminate());
    database.on("close", () => socket.close());
    stream.on("close", () => database.destroy());
    const held = new Transform({
      transform: (chunk, _encoding, done) => {
        if (delayMs === 0) done(null, chunk);
        else setTimeout(() => done(null, chunk), delayMs);
      },
    });
    stream.pipe(held).pipe(database).pipe(stream);
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: `http://${HOST}:${port}/sql`,
    delay: (ms) => {
      delayMs = ms;
    },
    stop: async () => {
      for (const socket of tunnels.clients) socket.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, http.close()]);
    },
  };
}
