/** Who watches a tenant's sessions: the sockets of a feed, and what each of them is told. */
import { parseFeedFrame } from "../../contracts/live-frames.ts";
import { CLOSE, type FeedServerFrame } from "../../contracts/live.ts";
import { sessionSummaryJson } from "../../contracts/session-list.ts";
import { ChangeRing, type FeedPosition, type PlacedChange, firstPosition } from "../../domain/sessions/change-ring.ts";
import type { SessionChange } from "../../domain/sessions/overlay.ts";
import type { SessionFilter } from "../../domain/sessions/query.ts";
import { type Concern, concernOf } from "../../domain/sessions/watching.ts";
import type { Holder } from "../sockets/socket.ts";
import { type Frame, Sockets } from "../sockets/sockets.ts";

/** What is kept of a socket. `behind`: changes wait until its client has acknowledged others; they are in memory alone. */
type Own = { readonly filter: SessionFilter; readonly behind: boolean };

const POSITION = /^\d{1,16}$/;

/** Positions are opaque to clients. */
export function positionText(position: FeedPosition): string {
  return String(position);
}

/** Null for what is none. */
export function parsePosition(text: string): FeedPosition | null {
  const position = POSITION.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(position) ? position : null;
}

export class Audience {
  readonly sockets: Sockets<Own>;
  readonly #nowMs: () => number;
  /** Up to where a socket has been told, or a change been passed over because its filter does. */
  readonly #told = new WeakMap<WebSocket, FeedPosition>();
  /** The same change goes to many. */
  readonly #texts = new WeakMap<SessionChange, Partial<Record<Concern, string>>>();
  #ring: ChangeRing | null = null;

  constructor(ctx: DurableObjectState, nowMs: () => number) {
    this.sockets = new Sockets(ctx, nowMs);
    this.#nowMs = nowMs;
  }

  /** Nothing before now is known any more; whoever is there is told so. */
  startAnew(): void {
    this.#ring = null;
    const position = this.#changes.position;
    for (const ws of this.sockets.open()) {
      this.#told.set(ws, position);
      this.sockets.sendOrCut(ws, [frameOf(position, { type: "reset", position: positionText(position) })]);
    }
  }

  tell(change: SessionChange): void {
    this.#changes.add(change);
    for (const ws of this.sockets.open()) {
      // Who is behind is sent more when something has been acknowledged, and given up when what is missing is not known any more.
      if (!this.sockets.own(ws).behind) this.#goOn(ws);
      else if (!this.#changes.reaches(this.#told.get(ws) ?? 0)) this.#giveUp(ws);
    }
  }

  /** @param after where the client was; null: it begins. */
  accept(request: Request, holder: Holder, filter: SessionFilter, after: FeedPosition | null): Response {
    const ring = this.#changes;
    const missed = after !== null && !ring.reaches(after);
    const position = after === null || missed ? ring.position : after;
    const { response, ws } = this.sockets.accept(request, holder, { filter, behind: false }, position);
    if (ws === null) return response;
    this.#told.set(ws, position);
    const text = positionText(position);
    const greeting: FeedServerFrame[] = [
      { type: "hello", position: text },
      ...(missed ? [{ type: "reset", position: text } as const] : []),
    ];
    this.sockets.sendOrCut(
      ws,
      greeting.map((frame) => frameOf(position, frame)),
    );
    this.#goOn(ws);
    return response;
  }

  /** A client says how far it is. */
  message(ws: WebSocket, raw: string | ArrayBuffer): void {
    const text = this.sockets.take(ws, raw);
    if (text === null) return;
    const frame = parseFeedFrame(text);
    const position = frame.ok ? parsePosition(frame.value.position) : null;
    if (position === null) return void this.sockets.cut(ws, CLOSE.badFrame, "this is not a frame of a feed");
    if (this.sockets.acknowledged(ws, position) && this.sockets.own(ws).behind) this.#goOn(ws);
  }

  get #changes(): ChangeRing {
    if (this.#ring === null) {
      const used = this.sockets.open().map((ws) => this.sockets.lastKey(ws));
      this.#ring = new ChangeRing(firstPosition(this.#nowMs(), Math.max(0, ...used)));
    }
    return this.#ring;
  }

  /** Sends what the client may still be behind. Who needs more than is still known has been too slow. */
  #goOn(ws: WebSocket): void {
    const { filter, behind } = this.sockets.own(ws);
    const told = this.#told.get(ws) ?? (behind ? null : this.#firstPosition(ws));
    const changes = told === null ? null : this.#changes.after(told);
    if (changes === null) return this.#giveUp(ws);
    const frames = changes.flatMap((placed) => this.#frameFor(filter, placed) ?? []);
    const sent = this.sockets.send(ws, frames);
    const next = frames[sent];
    // The ones before the first that waits concern nobody here, or have been sent.
    this.#told.set(ws, next === undefined ? this.#changes.position : next.key - 1);
    if (behind !== (next !== undefined)) this.sockets.setOwn(ws, { filter, behind: next !== undefined });
  }

  #giveUp(ws: WebSocket): void {
    this.sockets.cut(ws, CLOSE.tooSlow, "too far behind");
  }

  /** A socket that has outlived this object's memory was told everything, and the ring begins with what comes now. */
  #firstPosition(ws: WebSocket): FeedPosition {
    const first = this.#changes.beginning;
    this.#told.set(ws, first);
    return first;
  }

  #frameFor(filter: SessionFilter, { position, change }: PlacedChange): Frame | null {
    const concern = concernOf(filter, change);
    return concern === "no" ? null : { key: position, text: this.#text(position, change, concern) };
  }

  #text(position: FeedPosition, change: SessionChange, concern: Concern): string {
    const known = this.#texts.get(change) ?? {};
    const text = known[concern] ?? frameOf(position, changeFrame(position, change, concern)).text;
    this.#texts.set(change, { ...known, [concern]: text });
    return text;
  }
}

function changeFrame(position: FeedPosition, { kind, session }: SessionChange, concern: Concern): FeedServerFrame {
  return {
    type: kind,
    position: positionText(position),
    session: sessionSummaryJson(session),
    ...(concern === "left" ? { left: true } : {}),
  };
}

function frameOf(key: FeedPosition, frame: FeedServerFrame): Frame {
  return { key, text: JSON.stringify(frame) };
}
