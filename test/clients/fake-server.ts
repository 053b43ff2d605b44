/** A server for live sockets that a test plays: it says what it wants and hears what the client sends. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { SUBPROTOCOL } from "../../contracts/live.ts";

export type Line = {
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly heard: unknown[];
  /** The next frame of the client that is not a ping. */
  readonly next: () => Promise<Record<string, unknown>>;
  readonly say: (frame: unknown) => void;
  readonly close: (code: number) => void;
  /** Breaks the connection without a word. */
  readonly break: () => void;
  readonly pause: () => void;
};

export class FakeServer {
  /** What upgrades are answered with; 101 upgrades. */
  status = 101;
  readonly lines: Line[] = [];
  #server: Server | null = null;
  readonly #waiting: ((line: Line) => void)[] = [];
  #taken = 0;

  async start(): Promise<void> {
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL });
    const server = createServer((_, response) => response.writeHead(this.status === 101 ? 200 : this.status).end());
    server.on("upgrade", (request, socket, head) => {
      if (this.status !== 101) return void socket.end(`HTTP/1.1 ${this.status} No\r\nConnection: close\r\n\r\n`);
      sockets.handleUpgrade(request, socket, head, (ws) => {
        const protocols = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
        this.#add(ws, new URL(request.url ?? "/", "http://fake"), protocols);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
  }

  get url(): string {
    if (this.#server === null) throw new Error("the server has not been started");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next connection that nobody has asked for yet. */
  line(): Promise<Line> {
    const known = this.lines[this.#taken];
    this.#taken += 1;
    return known === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(known);
  }

  async stop(): Promise<void> {
    for (const line of this.lines) line.break();
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #add(ws: WebSocket, url: URL, protocols: readonly string[]): void {
    const heard: unknown[] = [];
    const frames: Record<string, unknown>[] = [];
    const asked: ((frame: Record<string, unknown>) => void)[] = [];
    ws.on("message", (data) => {
      const text = String(data as Buffer);
      if (text === "ping") return ws.send("pong");
      const frame = JSON.parse(text) as Record<string, unknown>;
      heard.push(frame);
      const ask = asked.shift();
      if (ask === undefined) frames.push(frame);
      else ask(frame);
    });
    const line: Line = {
      url,
      protocols,
      heard,
      next: () => {
        const frame = frames.shift();
        return frame === undefined ? new Promise((resolve) => asked.push(resolve)) : Promise.resolve(frame);
      },
      say: (frame) => ws.send(JSON.stringify(frame)),
      close: (code) => ws.close(code),
      break: () => ws.terminate(),
      pause: () => ws.pause(),
    };
    this.lines.push(line);
    this.#waiting.shift()?.(line);
  }
}
