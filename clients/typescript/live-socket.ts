/** A socket that comes back: connects, goes on where it was, acknowledges what its consumer has taken, and notices when the line is dead. */
import { ACK_BYTES, ACK_EVERY, BEARER_SUBPROTOCOL, CLOSE, SUBPROTOCOL, TICKET_PARAMETER } from "../../contracts/live.ts";
import { backoffMs } from "./backoff.ts";
import { Delivery } from "./delivery.ts";
import { type LiveOptions, LiveRefused, type SocketEvent, type WebSocketConstructor, type WebSocketLike } from "./options.ts";

/** A line on which nothing came for two of these is dead. */
const PING_EVERY_MS = 20_000;
/** A server that has not upgraded by then is not going to. */
const CONNECT_DEADLINE_MS = 10_000;
/** A consumer that is so far behind is not brought more: the line stays closed until it has caught up. */
const MAX_HELD = 1_024;
const HELD_POLL_MS = 100;

const OPEN = 1;
const NORMAL = 1000;

/** What a stream makes of a frame: an item for the consumer, something settled already, or a reason to connect again. */
export type Taken<Item> =
  | { readonly tag: "item"; readonly item: Item }
  | { readonly tag: "settled" }
  | { readonly tag: "repeated" }
  | { readonly tag: "gap" };

export type Stream<Item> = {
  readonly path: string;
  /** What it asks for now: where it goes on, and filters. */
  readonly query: () => URLSearchParams;
  /** A resource that the same credentials may read when they may open this stream: refused sockets show no status. */
  readonly probe: string;
  readonly take: (frame: unknown) => Taken<Item>;
  /** Acknowledges everything up to this item. */
  readonly acknowledgement: (item: Item) => unknown;
  /** There is a new line. */
  readonly opened?: (send: (frame: unknown) => void) => void;
  readonly ended?: () => void;
};

type Held<Item> = { readonly item: Item; readonly length: number; readonly line: number };

export class LiveSocket<Item> {
  readonly #options: LiveOptions;
  readonly #stream: Stream<Item>;
  readonly #delivery: Delivery<Held<Item>>;
  #socket: WebSocketLike | null = null;
  /** Counts connections, so that nothing of an old line is taken for the new one's. */
  #line = 0;
  #failures = 0;
  #closed = false;
  #wake: (() => void) | null = null;
  /** Since the last acknowledgement on this line. */
  #frames = 0;
  #characters = 0;
  #last: Item | null = null;

  constructor(options: LiveOptions, stream: Stream<Item>) {
    this.#options = options;
    this.#stream = stream;
    this.#delivery = new Delivery((held) => this.#consumed(held));
    options.signal?.addEventListener("abort", () => this.close(), { once: true });
    if (options.signal?.aborted === true) this.close();
    else void this.#run();
  }

  async next(): Promise<IteratorResult<Item, undefined>> {
    const result = await this.#delivery.next();
    return result.done === true ? result : { done: false, value: result.value.item };
  }

  /** @returns false when there is no line now. */
  send(frame: unknown): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  close(): void {
    this.#finish(null);
  }

  #finish(error: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket?.close(NORMAL);
    this.#wake?.();
    this.#delivery.end(error);
    this.#stream.ended?.();
    this.#options.onState?.({ tag: "closed" });
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      this.#options.onState?.({ tag: "connecting", attempt: this.#failures });
      const code = await this.#connectOnce();
      if (this.#closed) return;
      if (code === CLOSE.gone) return this.#finish(null);
      // New credentials are all that is missing, unless they did not help either.
      const delayMs =
        code === CLOSE.expired && this.#failures === 0 ? 0 : backoffMs(this.#failures, (this.#options.random ?? Math.random)());
      this.#failures += 1;
      this.#options.onState?.({ tag: "waiting", delayMs, code });
      await this.#sleep(delayMs);
      while (!this.#closed && this.#delivery.length >= MAX_HELD) await this.#sleep(HELD_POLL_MS);
    }
  }

  /** Connects, and stays until the line is gone. @returns the close code; null: there was no line. */
  async #connectOnce(): Promise<number | null> {
    let socket: WebSocketLike;
    try {
      socket = await this.#dial();
    } catch (error) {
      if (error instanceof LiveRefused) this.#finish(error);
      else await this.#askWhy();
      return null;
    }
    if (this.#closed) {
      socket.close(NORMAL);
      return null;
    }
    const code = await this.#live(socket);
    if (code === null && !this.#closed) await this.#askWhy();
    return code;
  }

  async #dial(): Promise<WebSocketLike> {
    const url = new URL(this.#stream.path, this.#options.url);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = this.#stream.query().toString();
    const protocols = [SUBPROTOCOL];
    if ("token" in this.#options) protocols.push(`${BEARER_SUBPROTOCOL}${await this.#options.token()}`);
    else url.searchParams.set(TICKET_PARAMETER, await this.#options.ticket());
    const Socket = this.#options.webSocket ?? (globalThis as unknown as { WebSocket: WebSocketConstructor }).WebSocket;
    return new Socket(url.href, protocols);
  }

  /** @returns the close code; null: the line was never open. */
  #live(socket: WebSocketLike): Promise<number | null> {
    const line = (this.#line += 1);
    return new Promise((resolve) => {
      let wasOpen = false;
      let heardMs = Date.now();
      const done = (code: number | null): void => {
        if (this.#socket === socket) this.#socket = null;
        clearInterval(pulse);
        clearTimeout(connecting);
        resolve(code);
      };
      const hangUp = (): void => {
        socket.close();
        // A line that is dead does not say that it closes.
        done(wasOpen ? 1006 : null);
      };
      const connecting = setTimeout(() => {
        if (!wasOpen) hangUp();
      }, CONNECT_DEADLINE_MS);
      const pulse = setInterval(() => {
        if (Date.now() - heardMs > 2 * PING_EVERY_MS) hangUp();
        else if (wasOpen && socket.readyState === OPEN) socket.send("ping");
      }, PING_EVERY_MS);
      socket.addEventListener("open", () => {
        if (this.#closed || line !== this.#line) return hangUp();
        wasOpen = true;
        this.#socket = socket;
        this.#frames = 0;
        this.#characters = 0;
        this.#options.onState?.({ tag: "open" });
        this.#stream.opened?.((frame) => void this.send(frame));
      });
      socket.addEventListener("message", ({ data }: SocketEvent) => {
        heardMs = Date.now();
        if (typeof data !== "string" || data === "pong" || this.#socket !== socket) return;
        if (!this.#received(data, line)) hangUp();
      });
      socket.addEventListener("error", () => {});
      socket.addEventListener("close", ({ code }: SocketEvent) => done(wasOpen ? (code ?? 1006) : null));
    });
  }

  /** @returns false when the line is of no more use. */
  #received(text: string, line: number): boolean {
    const frame = parsed(text);
    const taken = frame === null ? { tag: "gap" as const } : this.#stream.take(frame);
    if (taken.tag === "gap") return false;
    if (taken.tag === "item") {
      this.#failures = 0;
      this.#delivery.put({ item: taken.item, length: text.length, line });
    } else this.#count(text.length);
    return true;
  }

  #consumed({ item, length, line }: Held<Item>): void {
    this.#last = item;
    // What came over an old line is acknowledged by where the new one goes on.
    if (line === this.#line) this.#count(length);
  }

  #count(length: number): void {
    this.#frames += 1;
    this.#characters += length;
    if (this.#last === null || (this.#frames < ACK_EVERY && this.#characters < ACK_BYTES)) return;
    if (!this.send(this.#stream.acknowledgement(this.#last))) return;
    this.#frames = 0;
    this.#characters = 0;
  }

  /** Browsers do not say why a socket was refused; an ordinary request with the same credentials does. */
  async #askWhy(): Promise<void> {
    if (!("token" in this.#options)) return;
    const ask = this.#options.fetch ?? (globalThis as unknown as { fetch: NonNullable<LiveOptions["fetch"]> }).fetch;
    try {
      const headers = { Authorization: `Bearer ${await this.#options.token()}` };
      const { status } = await ask(new URL(this.#stream.probe, this.#options.url).href, { headers });
      if (status === 403 || status === 404 || (status === 401 && this.#failures > 0)) this.#finish(new LiveRefused(status));
    } catch {
      // Nobody there: that is no answer, and it is tried again.
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Null for what no server of ours sends. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
