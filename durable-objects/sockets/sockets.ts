/**
 * The live sockets of one object: accepted so that they survive that the object leaves memory, bounded in number, life, and in what
 * either side may pile up. Knows nothing of what is said over them.
 */
import { CLOSE, type CloseCode, SUBPROTOCOL } from "../../contracts/live.ts";
import { type Bucket, fullBucket, takeToken } from "./rate.ts";
import { type Flow, afterAcknowledgement, afterSending, behindBytes, flowFrom, isFull } from "./flow.ts";
import { FrameMask } from "./frame-mask.ts";
import { type Holder, MAX_SOCKET_MS } from "./socket.ts";

/** Sockets of one object. Each may hold `behindBytes` when its client stops reading. */
export const MAX_SOCKETS = 1_200;
/** Characters of a frame from a client: a command with a long note is shorter. */
export const MAX_FRAME_BYTES = 16 * 1024;

/** `key` is the sequence or position that the client acknowledges it by; of two frames the later one has no lower key. */
export type Frame = { readonly key: number; readonly text: string };

/** What is kept of a socket, in its attachment: 16 KiB at most as the platform serialises it, `own` included. */
type Kept<Own> = {
  readonly holder: Holder;
  readonly own: Own;
  readonly flow: Flow;
  readonly bucket: Bucket;
  /** When the owner wants to look at this socket. */
  readonly checkMs: number | null;
};

/** @typeParam Own what the owner keeps of each socket beside that; plain data. */
export class Sockets<Own> {
  readonly #ctx: DurableObjectState;
  readonly #nowMs: () => number;
  /** What the attachments say, parsed once. */
  readonly #kept = new WeakMap<WebSocket, Kept<Own>>();
  /** Not after the earliest due time of any socket; undefined: not known. */
  #dueMs: number | null | undefined = undefined;
  #count: number | null = null;
  readonly #mask = new FrameMask();

  constructor(ctx: DurableObjectState, nowMs: () => number) {
    this.#ctx = ctx;
    this.#nowMs = nowMs;
  }

  /**
   * Upgrades. Too many sockets are told so by a close code (4009), since browsers show no status of a refused upgrade.
   * @param key everything up to it counts as sent.
   * @returns the answer, and the socket, null when it was turned away.
   */
  accept(
    request: Request,
    holder: Holder,
    own: Own,
    key: number,
  ): { readonly response: Response; readonly ws: WebSocket | null } {
    const { 0: client, 1: server } = new WebSocketPair();
    const offered = request.headers.get("sec-websocket-protocol")?.split(",") ?? [];
    const response = new Response(null, {
      status: 101,
      webSocket: client,
      ...(offered.some((name) => name.trim() === SUBPROTOCOL) ? { headers: { "Sec-WebSocket-Protocol": SUBPROTOCOL } } : {}),
    });
    if (this.open().length >= MAX_SOCKETS) {
      server.accept();
      server.close(CLOSE.tooManySockets, "too many sockets");
      return { response, ws: null };
    }
    this.#ctx.acceptWebSocket(server);
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const nowMs = this.#nowMs();
    const expiresMs = Math.min(holder.expiresMs, nowMs + MAX_SOCKET_MS);
    this.#keep(server, {
      holder: { ...holder, expiresMs },
      own,
      flow: flowFrom(key),
      bucket: fullBucket(nowMs),
      checkMs: null,
    });
    this.#dueBy(expiresMs);
    return { response, ws: server };
  }

  /** Those that are neither closed nor closing. */
  open(): WebSocket[] {
    const open = this.#ctx.getWebSockets().filter((ws) => ws.readyState === WebSocket.OPEN);
    this.#count = open.length;
    return open;
  }

  /** By the number of sockets when they were last gone through, which is before anything is sent to all of them. */
  #behindBytes(): number {
    return behindBytes(this.#count ?? this.open().length);
  }

  holder(ws: WebSocket): Holder {
    return this.#of(ws).holder;
  }

  own(ws: WebSocket): Own {
    return this.#of(ws).own;
  }

  setOwn(ws: WebSocket, own: Own): void {
    this.#keep(ws, { ...this.#of(ws), own });
  }

  /** The key of the last frame that was sent. */
  lastKey(ws: WebSocket): number {
    return this.#of(ws).flow.last;
  }

  /**
   * Sends as many frames as the client may still be behind, to whoever may not see personal data without it.
   * @returns how many. The rest has to be sent when the client has acknowledged something, or the socket cut.
   */
  send(ws: WebSocket, frames: readonly Frame[]): number {
    const kept = this.#of(ws);
    const maxBytes = this.#behindBytes();
    let { flow } = kept;
    let count = 0;
    for (const { key, text: whole } of frames) {
      const text = kept.holder.permissions.includes("pii:read") ? whole : this.#mask.of(whole);
      if (isFull(flow, text.length, maxBytes) || !transmit(ws, text)) break;
      flow = afterSending(flow, key, text.length);
      count += 1;
    }
    if (count > 0) this.#keep(ws, { ...kept, flow });
    return count;
  }

  /** The same for who cannot send the rest later: a client that is too far behind is closed with 4008. */
  sendOrCut(ws: WebSocket, frames: readonly Frame[]): void {
    if (this.send(ws, frames) < frames.length) this.cut(ws, CLOSE.tooSlow, "too far behind");
  }

  /** An answer to the client. It counts like other frames, so that nobody piles up answers that they do not read. */
  answer(ws: WebSocket, text: string): void {
    this.sendOrCut(ws, [{ key: this.lastKey(ws), text }]);
  }

  /** The client has taken everything up to `key`. @returns false when that is no news. */
  acknowledged(ws: WebSocket, key: number): boolean {
    const kept = this.#of(ws);
    const flow = afterAcknowledgement(kept.flow, key);
    if (flow === kept.flow) return false;
    this.#keep(ws, { ...kept, flow });
    return true;
  }

  /** Whether the client has to acknowledge something before it is sent more. */
  isFull(ws: WebSocket): boolean {
    return isFull(this.#of(ws).flow, 1, this.#behindBytes());
  }

  /**
   * Takes a message as a text frame.
   * @returns null when it was none or one too many: the socket is closed then (4000, 4029), or was already.
   */
  take(ws: WebSocket, raw: string | ArrayBuffer): string | null {
    if (ws.readyState !== WebSocket.OPEN) return null;
    const kept = this.#of(ws);
    const bucket = takeToken(kept.bucket, this.#nowMs());
    if (bucket === null) return this.cut(ws, CLOSE.tooManyFrames, "too many frames");
    this.#keep(ws, { ...kept, bucket });
    if (typeof raw !== "string") return this.cut(ws, CLOSE.badFrame, "frames are text");
    if (raw.length > MAX_FRAME_BYTES) return this.cut(ws, CLOSE.badFrame, "the frame is too long");
    return raw;
  }

  /** Closes; what was sent before still goes. @param reason at most 123 bytes, for the client's log. */
  cut(ws: WebSocket, code: CloseCode, reason: string): null {
    try {
      ws.close(code, reason);
    } catch {
      // It has closed already.
    }
    return null;
  }

  cutAll(code: CloseCode, reason: string): void {
    for (const ws of this.open()) this.cut(ws, code, reason);
  }

  /** Asks for a look at this socket (see `due`); null: no more. */
  checkAt(ws: WebSocket, checkMs: number | null): void {
    const kept = this.#of(ws);
    if (kept.checkMs === checkMs) return;
    this.#keep(ws, { ...kept, checkMs });
    if (checkMs !== null) this.#dueBy(checkMs);
  }

  checkDueAt(ws: WebSocket): number | null {
    return this.#of(ws).checkMs;
  }

  /** When `due` has to be called at the latest, Unix milliseconds; null: never. It may be too early, not too late. */
  dueAt(): number | null {
    if (this.#dueMs === undefined) this.#dueMs = this.#earliest();
    return this.#dueMs;
  }

  /** Closes the sockets whose credentials have expired (4001). @returns those that the owner wanted to look at by now. */
  due(nowMs: number): WebSocket[] {
    const toCheck: WebSocket[] = [];
    for (const ws of this.open()) {
      const { holder, checkMs } = this.#of(ws);
      if (holder.expiresMs <= nowMs) this.cut(ws, CLOSE.expired, "the credentials have expired");
      else if (checkMs !== null && checkMs <= nowMs) toCheck.push(ws);
    }
    this.#dueMs = undefined;
    return toCheck;
  }

  #earliest(): number | null {
    let earliest: number | null = null;
    for (const ws of this.open()) {
      const { holder, checkMs } = this.#of(ws);
      const dueMs = Math.min(holder.expiresMs, checkMs ?? Infinity);
      if (earliest === null || dueMs < earliest) earliest = dueMs;
    }
    return earliest;
  }

  #dueBy(ms: number): void {
    // While it is not known, whoever asks looks at every socket anyway.
    if (this.#dueMs !== undefined && (this.#dueMs === null || ms < this.#dueMs)) this.#dueMs = ms;
  }

  #of(ws: WebSocket): Kept<Own> {
    const known = this.#kept.get(ws);
    if (known !== undefined) return known;
    const kept = ws.deserializeAttachment() as Kept<Own>;
    this.#kept.set(ws, kept);
    return kept;
  }

  /** At once, since the object may leave memory after any step without a word. */
  #keep(ws: WebSocket, kept: Kept<Own>): void {
    this.#kept.set(ws, kept);
    ws.serializeAttachment(kept);
  }
}

/** RFC 6455 §7.4.1: stands for a close without a code, and for none at all; neither may be sent. */
const UNSENT_CODES: readonly number[] = [1005, 1006];
const NORMAL_CLOSURE = 1000;

/** Closes back, so that the client sees its own close come to its end (RFC 6455 §5.5.1) and no broken line. */
export function answerClose(ws: WebSocket, code: number): void {
  try {
    ws.close(UNSENT_CODES.includes(code) ? NORMAL_CLOSURE : code);
  } catch {
    // It is closed, or the code is one that only the platform may send.
  }
}

/** False when the socket has closed meanwhile. */
function transmit(ws: WebSocket, text: string): boolean {
  try {
    ws.send(text);
    return true;
  } catch {
    return false;
  }
}
