/** Gets a session's events to the log: offered as they come, and waited for when the call has ended or its row has grown. */
import type { Log } from "../../adapters/telemetry/log.ts";
import { isTerminal } from "../../domain/call/state.ts";
import { forwardRetryAt } from "../../domain/call/timers.ts";
import type { SessionEvent } from "../../domain/events/event.ts";
import type { EventLog } from "../event-log/event-log.ts";
import { offerAndWait, offerSoon } from "./offer.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";

/** A live session with this many events that the log has not confirmed asks for the confirmation, so that its row can shrink. */
const MAX_UNCONFIRMED = 32;

/**
 * With this many events that the log has not confirmed, a session takes no more until it has: a row of its storage holds 2 MB, and
 * a report at most about 1.5 kB.
 */
const MAX_HELD = 500;

function unconfirmedOf(row: SessionRow): SessionEvent[] {
  return row.events.filter(({ sequence }) => sequence > row.forwarded);
}

/** Whether the row holds as much as it may. */
export function isFull(row: SessionRow): boolean {
  return unconfirmedOf(row).length >= MAX_HELD;
}

/**
 * Characters of events that the log has not confirmed, before a session takes no more of what people write on it: each may be longer than
 * any report, and of those that the log has, the row keeps some too.
 */
const MAX_HELD_CHARACTERS = 300_000;

/** Whether the row may take an event as long as people write them. */
export function hasRoom(row: SessionRow): boolean {
  const held = unconfirmedOf(row);
  return held.length < MAX_HELD && JSON.stringify(held).length < MAX_HELD_CHARACTERS;
}

/** What forwarding needs of the session's object. */
export type ForwardingHost = {
  readonly logs: () => DurableObjectNamespace<EventLog>;
  readonly stored: () => Stored | null;
  /** What the log has confirmed: of a call, written with the next commit. */
  readonly remember: (row: SessionRow) => void;
  readonly nowMs: () => number;
  readonly fraction: () => number;
  /** The log has everything of a session that has ended. */
  readonly complete: (row: SessionRow) => void | Promise<void>;
  /** An ended session has to offer again at this time. */
  readonly again: (atMs: number) => void;
  readonly log: Log;
};

export class Forwarding {
  readonly #host: ForwardingHost;
  #failures = 0;
  #running = false;

  constructor(host: ForwardingHost) {
    this.#host = host;
  }

  /** When to offer again what the log was last offered; null: it has taken that. */
  againAt(): number | null {
    return this.#failures === 0 ? null : this.retryAt(this.#host.nowMs());
  }

  /** When to offer again what the log has not taken. */
  retryAt(nowMs: number): number {
    return forwardRetryAt(nowMs, this.#failures, this.#host.fraction());
  }

  /** After a commit. @returns what is to be kept alive behind the answer; null: nothing is waited for. */
  offer(row: SessionRow, nowMs: number): Promise<void> | null {
    const unconfirmed = unconfirmedOf(row);
    // The answer does not wait: the row holds the events until the log has them.
    if (row.endRecordedMs !== null || unconfirmed.length >= MAX_UNCONFIRMED) return this.forward(row);
    offerSoon(this.#host.logs(), row, unconfirmed, nowMs);
    return null;
  }

  /**
   * Offers everything that is not known to be durable in the log, and waits for its word. Before the end, what is offered makes events
   * visible early, and the row stays responsible for them.
   */
  async forward(row: SessionRow): Promise<void> {
    const unconfirmed = unconfirmedOf(row);
    // After its end a session is told by the log that it has everything, and gives up its storage by that word.
    if (this.#running || (unconfirmed.length === 0 && row.endRecordedMs === null)) return;
    this.#running = true;
    const outcome = await offerAndWait(this.#host.logs(), row, unconfirmed);
    this.#running = false;
    const current = this.#host.stored();
    if (current === null || isTombstone(current)) return;
    if (outcome !== "durable") {
      this.#failures += 1;
      this.#host.log("warn", "the event log did not take a session's events; offered again later", {
        sessionId: row.id,
        failures: this.#failures,
      });
      if (isTerminal(current.state.phase)) this.#host.again(this.retryAt(this.#host.nowMs()));
      return;
    }
    this.#failures = 0;
    const confirmed = { ...current, forwarded: Math.max(current.forwarded, row.sequence) };
    this.#host.remember(confirmed);
    if (current.endRecordedMs === null) return;
    if (current.sequence > row.sequence) return this.forward(confirmed);
    await this.#host.complete(confirmed);
  }
}
