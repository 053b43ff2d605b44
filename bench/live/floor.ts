/**
 * The floor: an object that has hibernating sockets and sends to all of them what it is told. Nothing is parsed, authenticated, decided
 * or remembered; `/stored/…` are the same objects, which also read and write as much as a session's row before they send.
 */
import { DurableObject } from "cloudflare:workers";
import { CONSTRUCTED_PATH, constructed, countConstructed } from "./constructed.ts";

type FloorEnv = { readonly ROOM: DurableObjectNamespace<Room> };

const STORED = "/stored/";
/** About as long as the row of a session with some events. */
const ROW = "x".repeat(4_000);

export class Room extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    countConstructed();
  }

  async send(text: string, stored: boolean): Promise<number> {
    if (stored) {
      this.ctx.storage.kv.get("row");
      this.ctx.storage.kv.put("row", ROW);
    }
    const sockets = this.ctx.getWebSockets();
    for (const socket of sockets) socket.send(text);
    return sockets.length;
  }

  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketClose(): Promise<void> {}
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === CONSTRUCTED_PATH) return constructed();
    const room = env.ROOM.getByName(pathname);
    if (request.headers.get("upgrade") !== null) return room.fetch(request);
    return Response.json({ sent: await room.send(await request.text(), pathname.startsWith(STORED)) });
  },
} satisfies ExportedHandler<FloorEnv>;
