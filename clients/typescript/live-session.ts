/** A session as it happens: every event exactly once and in order, whatever happens to the line; and commands. */
import {
  AFTER_PARAMETER,
  type CommandBody,
  type CommandResult,
  type SessionClientFrame,
  type SessionServerFrame,
} from "../../contracts/live.ts";
import type { Event, Session } from "./generated.ts";
import { LiveSocket, type Taken } from "./live-socket.ts";
import { CommandUnanswered, type LiveOptions } from "./options.ts";

const COMMAND_DEADLINE_MS = 15_000;

export type SessionItem =
  | { readonly type: "snapshot"; readonly sequence: number; readonly session: Session }
  | { readonly type: "event"; readonly sequence: number; readonly event: Event };
type Result = Extract<SessionServerFrame, { type: "result" }>;

export type LiveSessionOptions = LiveOptions & {
  readonly session: string;
  /** The last sequence that is known already; without it the stream begins with a snapshot. */
  readonly after?: number;
};

/** `id`: the same one again does not carry the command out twice. */
export type CommandOptions = { readonly id?: string; readonly deadlineMs?: number };

export type LiveSession = AsyncIterableIterator<SessionItem, undefined> & {
  /** Where the stream is: the sequence of the last event that was received; null before the snapshot. */
  readonly sequence: number | null;
  /** Resolves also when the command is refused (`ok: false`). Rejects with `CommandUnanswered`. */
  readonly command: (command: CommandBody, options?: CommandOptions) => Promise<CommandResult>;
  readonly close: () => void;
};

type Pending = {
  readonly frame: SessionClientFrame;
  readonly settle: (result: CommandResult) => void;
  readonly fail: () => void;
};

/**
 * Opens a stream. Iterate over it: `for await (const item of liveSession({…}))`. It ends when the session is archived, with `close()`
 * or the signal, and throws `LiveRefused` when the credentials do not allow it or there is no such session. What the consumer has not
 * taken is not acknowledged: a slow one is sent no more than it can follow.
 */
export function liveSession(options: LiveSessionOptions): LiveSession {
  const path = `/v1/sessions/${encodeURIComponent(options.session)}`;
  const pending = new Map<string, Pending>();
  let sequence: number | null = options.after ?? null;
  /** Where events were missing the last time: an archived session may have lost some for good. */
  let gapAfter: number | null = null;

  function takeEvent(item: SessionItem): Taken<SessionItem> {
    if (item.type === "event" && sequence !== null) {
      if (item.sequence <= sequence) return { tag: "repeated" };
      if (item.sequence > sequence + 1 && gapAfter !== sequence) {
        gapAfter = sequence;
        return { tag: "gap" };
      }
    }
    if (item.type === "snapshot" && sequence !== null && item.sequence <= sequence) return { tag: "repeated" };
    sequence = item.sequence;
    return { tag: "item", item };
  }

  function takeResult({ type: _type, id, ...result }: Result): Taken<SessionItem> {
    pending.get(id)?.settle(result);
    pending.delete(id);
    return { tag: "settled" };
  }

  const socket = new LiveSocket<SessionItem>(options, {
    path: `${path}/live`,
    probe: path,
    query: () => new URLSearchParams(sequence === null ? {} : { [AFTER_PARAMETER]: String(sequence) }),
    take: (raw) => {
      const frame = raw as SessionServerFrame;
      return frame.type === "result" ? takeResult(frame) : takeEvent(frame as SessionItem);
    },
    acknowledgement: (item): SessionClientFrame => ({ type: "ack", sequence: item.sequence }),
    // Nobody knows whether they arrived: by their ids they are carried out once.
    opened: (send) => {
      for (const { frame } of pending.values()) send(frame);
    },
    ended: () => {
      for (const { fail } of pending.values()) fail();
      pending.clear();
    },
  });

  function command(
    body: CommandBody,
    { id = crypto.randomUUID(), deadlineMs = COMMAND_DEADLINE_MS }: CommandOptions = {},
  ): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const frame: SessionClientFrame = { type: "command", id, command: body };
      const fail = (): void => {
        clearTimeout(timer);
        pending.delete(id);
        reject(new CommandUnanswered(id));
      };
      const timer = setTimeout(fail, deadlineMs);
      const settle = (result: CommandResult): void => {
        clearTimeout(timer);
        resolve(result);
      };
      pending.set(id, { frame, settle, fail });
      socket.send(frame);
    });
  }

  return {
    get sequence() {
      return sequence;
    },
    command,
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
