/** Clients of live sockets that remember what they saw, on lines that can be cut. */
import type { FeedItem, LiveFeed, LiveSession, WebSocketConstructor } from "../../clients/typescript/index.ts";

export type Json = Readonly<Record<string, unknown>>;

/** The lines that are open. */
export class Lines {
  readonly #open = new Set<WebSocket>();
  connects = 0;
  cuts = 0;

  add(socket: WebSocket): void {
    this.connects += 1;
    socket.addEventListener("open", () => this.#open.add(socket));
    socket.addEventListener("close", () => this.#open.delete(socket));
  }

  /** Any of them. */
  cutOne(): void {
    const all = [...this.#open];
    const line = all[Math.floor(Math.random() * all.length)];
    if (line === undefined) return;
    this.cuts += 1;
    this.#open.delete(line);
    line.close(3_000);
  }
}

/** Node's own WebSocket, whose lines are noted. */
export function noting(lines: Lines): WebSocketConstructor {
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      lines.add(this);
    }
  } as unknown as WebSocketConstructor;
}

/** What one client saw of its session: an event that comes again, too early or never is told by its sequence. */
export class Witness {
  readonly session: string;
  readonly live: LiveSession;
  readonly done: Promise<void>;
  readonly faults: string[] = [];
  received = 0;
  last: number | null = null;

  constructor(live: LiveSession, session: string) {
    this.session = session;
    this.live = live;
    this.done = this.#watch().catch((error: unknown) => void this.faults.push(`${session}: ${String(error)}`));
  }

  async #watch(): Promise<void> {
    for await (const item of this.live) {
      if (item.type === "event") this.received += 1;
      const isNext = item.type === "snapshot" ? this.last === null : item.sequence === (this.last ?? 0) + 1;
      if (!isNext) this.faults.push(`${this.session}: ${item.type} ${item.sequence} after ${this.last}`);
      this.last = item.sequence;
    }
  }
}

/** A viewer as an application writes it: the list, then what the feed tells; after `reset` the list again. */
export class Viewer {
  readonly feed: LiveFeed;
  readonly done: Promise<void>;
  readonly faults: string[] = [];
  resets = 0;
  readonly #picture = new Map<string, Json>();
  readonly #list: () => Promise<readonly Json[]>;

  constructor(feed: LiveFeed, list: () => Promise<readonly Json[]>) {
    this.feed = feed;
    this.#list = list;
    this.done = this.#watch().catch((error: unknown) => void this.faults.push(`a viewer: ${String(error)}`));
  }

  async #watch(): Promise<void> {
    for await (const item of this.feed) await this.#take(item);
  }

  async #take(item: FeedItem): Promise<void> {
    if (item.type === "hello" || item.type === "reset") {
      if (item.type === "reset") this.resets += 1;
      for (const session of await this.#list()) this.#show(session);
    } else this.#show(item.session);
  }

  #show(session: Json): void {
    const known = this.#picture.get(String(session["id"]));
    if (known === undefined || Number(session["lastSequence"]) >= Number(known["lastSequence"]))
      this.#picture.set(String(session["id"]), session);
  }

  /** Sessions that it shows otherwise than the list does, one line each. */
  differences(listed: readonly Json[]): string[] {
    return listed.flatMap((session) => {
      const [seen, expected] = [this.#picture.get(String(session["id"])), session].map((each) => JSON.stringify(each));
      return seen === expected ? [] : [`a viewer has ${seen}, the list ${expected}`];
    });
  }
}
