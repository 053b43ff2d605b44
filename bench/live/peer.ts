/** What a conventional server does at the least: rooms of sockets in Node, by the library that most use. */
import { createServer, type IncomingMessage } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import type { FromRooms, ToRooms } from "./messages.ts";

const HOST = "127.0.0.1";
const rooms = new Map<string, Set<WebSocket>>();

function tell(message: FromRooms): void {
  if (process.connected) process.send?.(message);
}

function join(path: string, socket: WebSocket): void {
  const room = rooms.get(path) ?? new Set();
  rooms.set(path, room.add(socket));
  socket.on("message", (data: Buffer) => {
    if (data.toString() === "ping") socket.send("pong");
  });
  socket.on("close", () => room.delete(socket));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) text += chunk as string;
  return text;
}

function serve(port: number): void {
  const server = createServer((request, response) => {
    textOf(request)
      .then((text) => {
        const room = rooms.get(request.url ?? "");
        for (const socket of room ?? []) socket.send(text);
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ sent: room?.size ?? 0 }));
      })
      .catch(() => response.writeHead(500).end());
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket, request) => join(request.url ?? "", socket));
  server.once("error", (error) => tell({ type: "failed", message: error.message }));
  server.listen(port, HOST, () => tell({ type: "serving" }));
}

process.on("message", ({ port }: ToRooms) => serve(port));
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
