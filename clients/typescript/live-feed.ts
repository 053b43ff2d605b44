/** The sessions of a tenant as they happen. */
import { AFTER_PARAMETER, type FeedClientFrame, type FeedServerFrame } from "../../contracts/live.ts";
import type { ListedSession } from "./generated.ts";
import { LiveSocket, type Taken } from "./live-socket.ts";
import type { LiveOptions } from "./options.ts";

type News = Extract<FeedServerFrame, { readonly session: unknown }>;
export type FeedItem =
  | Exclude<FeedServerFrame, News>
  | (Omit<News, "session"> & {
      /** As the list shows it. */
      readonly session: ListedSession;
    });

export type LiveFeedOptions = LiveOptions & {
  /** As `GET /v1/sessions` takes them; of several values one is enough. */
  readonly filter?: Readonly<Record<string, string | readonly string[]>>;
  /** The last position that is known already; without it the stream begins now. */
  readonly after?: string;
};

export type LiveFeed = AsyncIterableIterator<FeedItem, undefined> & {
  /** The position of the last frame that was received; null before the first. */
  readonly position: string | null;
  readonly close: () => void;
};

/**
 * Opens a stream. Iterate over it: `for await (const item of liveFeed({…}))`. After `reset` changes were missed, and the list has to be
 * read again. It ends with `close()` or the signal, and throws `LiveRefused` when the credentials do not allow it.
 */
export function liveFeed(options: LiveFeedOptions): LiveFeed {
  let position: string | null = options.after ?? null;
  let greeted = false;

  function take(frame: FeedItem): Taken<FeedItem> {
    const resumed = frame.type === "hello" && greeted;
    if (frame.type === "hello") greeted = true;
    // The position that a line begins with is no news to who goes on from there; where a stream begins, it is.
    if (frame.type !== "hello" || position === null) position = frame.position;
    return resumed ? { tag: "repeated" } : { tag: "item", item: frame };
  }

  const socket = new LiveSocket<FeedItem>(options, {
    path: "/v1/live",
    probe: "/v1/sessions?limit=1",
    query: () => {
      const query = new URLSearchParams();
      for (const [name, values] of Object.entries(options.filter ?? {})) query.set(name, [values].flat().join(","));
      if (position !== null) query.set(AFTER_PARAMETER, position);
      return query;
    },
    take: (raw) => take(raw as FeedItem),
    acknowledgement: ({ position: taken }): FeedClientFrame => ({ type: "ack", position: taken }),
  });

  return {
    get position() {
      return position;
    },
    close: () => socket.close(),
    next: () => socket.next(),
    return: async () => {
      socket.close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
