/**
 * A session as it happens, for those who watch it. The row is the truth: a socket only knows up to which sequence it has been sent, and
 * what it lacks is sent from wherever it is. So nothing is lost when the object leaves memory, and nothing is sent twice.
 */
import { type Log, errorFields } from "../../adapters/telemetry/log.ts";
import { type ParsedCommand, parseCommand } from "../../contracts/commands.ts";
import { AFTER_PARAMETER, CLOSE, type CommandResult, type SessionServerFrame } from "../../contracts/live.ts";
import { parseSessionFrame } from "../../contracts/live-frames.ts";
import { sessionJson } from "../../contracts/sessions.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import type { SessionEvent } from "../../domain/events/event.ts";
import type { Holder } from "../sockets/socket.ts";
import { MAX_BEHIND } from "../sockets/flow.ts";
import { forgetTickets, useTicket } from "../sockets/single-use.ts";
import { type Frame, Sockets } from "../sockets/sockets.ts";
import { readUpgrade, refuseUpgrade } from "../sockets/upgrade.ts";
import { LiveHistory, type ReadHistory, eventFrame } from "./live-history.ts";
import { refusedResult, resultOf } from "./live-result.ts";
import type { CommandAnswer } from "./messages.ts";
import type { CommandNote } from "./note-command.ts";
import { type Deleted, type Stored, isTombstone } from "./row.ts";
import { cloudEventOf } from "./stored-event.ts";

/** A client that is behind and acknowledges nothing for this long is closed. */
export const MAX_STALL_MS = 10_000;

export type LiveDeps = {
  readonly row: () => Stored | null;
  readonly view: () => SessionView | null;
  /** All events after a sequence, from log and R2, by sequence. May throw. */
  readonly history: ReadHistory;
  readonly command: (command: ParsedCommand, holder: Holder) => Promise<CommandAnswer>;
  readonly note: (note: CommandNote, holder: Holder) => void;
  readonly nowMs: () => number;
  readonly log: Log;
};

export class SessionSockets {
  readonly #ctx: DurableObjectState;
  readonly #deps: LiveDeps;
  readonly #sockets: Sockets<null>;
  readonly #history: LiveHistory;
  /** Sockets that lack something, and those of them for which it is being read. */
  readonly #behind = new Set<WebSocket>();
  readonly #waiting = new Set<WebSocket>();
  #resumed = false;

  constructor(ctx: DurableObjectState, deps: LiveDeps) {
    this.#ctx = ctx;
    this.#deps = deps;
    this.#sockets = new Sockets(ctx, deps.nowMs);
    this.#history = new LiveHistory(deps.history);
  }

  /** Answers an upgrade (see `upgradeRequest`): 101, or a refusal. The alarm has to be seen to afterwards. */
  async upgrade(request: Request): Promise<Response> {
    const { tenant, holder, ticket, query } = readUpgrade(request);
    const nowMs = this.#deps.nowMs();
    const row = this.#deps.row();
    const view = this.#deps.view();
    if (row === null || view === null || row.tenant !== tenant) return refuseUpgrade("not_found", "there is no such session");
    const after = parseAfter(query[AFTER_PARAMETER]);
    if (after === "malformed" || (after !== null && after > row.sequence))
      return refuseUpgrade("bad_query", "`after` is not a sequence that the session has reached");
    if (ticket !== null && !useTicket(this.#ctx.storage, ticket.nonce, ticket.expiresMs, nowMs))
      return refuseUpgrade("unauthenticated", "the ticket has been used");
    this.#resume();
    const { ws, response } = this.#sockets.accept(request, holder, null, after ?? row.sequence);
    if (ws === null) return response;
    if (after === null) {
      const snapshot: SessionServerFrame = { type: "snapshot", sequence: row.sequence, session: sessionJson(view) };
      this.#sockets.send(ws, [{ key: row.sequence, text: JSON.stringify(snapshot) }]);
    }
    this.#catchUp(ws);
    return response;
  }

  /** Right after a row was written, in the same turn: what is sent waits until the write is on disk. */
  onCommit(events: readonly SessionEvent[], row: Stored): void {
    const open = this.#sockets.open();
    const first = events[0];
    if (open.length === 0 || first === undefined) return;
    const frames: Frame[] = events.map((event) => eventFrame(event.sequence, cloudEventOf(row, event)));
    for (const ws of open) {
      const upToDate = this.#sockets.lastKey(ws) === first.sequence - 1;
      if (!upToDate || this.#sockets.send(ws, frames) < frames.length) this.#catchUp(ws);
    }
  }

  /** A message of a client. The alarm has to be seen to afterwards. */
  async message(ws: WebSocket, raw: string | ArrayBuffer): Promise<void> {
    this.#resume();
    const text = this.#sockets.take(ws, raw);
    if (text === null) return;
    const frame = parseSessionFrame(text);
    if (!frame.ok) return void this.#sockets.cut(ws, CLOSE.badFrame, "not a frame of this protocol");
    if (frame.value.type === "command") return this.#command(ws, frame.value.id, frame.value.command);
    if (!this.#sockets.acknowledged(ws, frame.value.sequence)) return;
    this.#sockets.checkAt(ws, null);
    this.#catchUp(ws);
  }

  /** The client has gone, and what was known of the socket with it. */
  closed(ws: WebSocket): void {
    this.#waiting.delete(ws);
    this.#noLongerBehind(ws);
  }

  /** When `due` has to be called, Unix milliseconds; null: never. It may be too early, not too late. */
  dueAt(): number | null {
    this.#resume();
    return this.#sockets.dueAt();
  }

  /** Closes sockets whose credentials have expired, or whose client does not take what it is sent. */
  due(nowMs: number): void {
    this.#resume();
    for (const ws of this.#sockets.due(nowMs)) {
      const sent = this.#sockets.lastKey(ws);
      this.#sockets.checkAt(ws, null);
      this.#catchUp(ws);
      const stalled = this.#behind.has(ws) && !this.#waiting.has(ws) && this.#sockets.lastKey(ws) === sent;
      if (stalled) this.#sockets.cut(ws, CLOSE.tooSlow, "nothing is acknowledged");
    }
  }

  /** The session has given up its storage: who has everything is told that there is nothing more to come. */
  gone(): void {
    forgetTickets(this.#ctx.storage);
    for (const ws of this.#sockets.open()) this.#catchUp(ws);
  }

  /** Somebody has deleted the session: who is up to date is told so, and nobody gets anything more of it. */
  deleted(row: Deleted): void {
    forgetTickets(this.#ctx.storage);
    const { last } = row;
    for (const ws of this.#sockets.open()) {
      if (last !== undefined && this.#sockets.lastKey(ws) === last.sequence - 1)
        this.#sockets.send(ws, [eventFrame(last.sequence, cloudEventOf(row, last))]);
      this.#waiting.delete(ws);
      this.#sockets.cut(ws, CLOSE.gone, "the session has been deleted");
      this.#noLongerBehind(ws);
    }
  }

  /** After the object has been out of memory: a catching up that was interrupted goes on. */
  #resume(): void {
    if (this.#resumed) return;
    this.#resumed = true;
    for (const ws of this.#sockets.open()) if (this.#sockets.checkDueAt(ws) !== null) this.#catchUp(ws);
  }

  /** Sends what the socket lacks, as far as its client keeps up; reads it first where it is not at hand. */
  #catchUp(ws: WebSocket): void {
    if (ws.readyState !== WebSocket.OPEN) return;
    const row = this.#deps.row();
    if (row === null) return void this.#sockets.cut(ws, CLOSE.gone, "the session is gone");
    const frames = this.#history.after(this.#sockets.lastKey(ws), row, MAX_BEHIND);
    if (frames.length > 0) this.#sockets.send(ws, frames);
    if (this.#sockets.lastKey(ws) >= row.sequence) return this.#upToDate(ws, row);
    this.#behind.add(ws);
    // Looked at again when the client stalls, and should this object leave memory in the middle.
    if (this.#sockets.checkDueAt(ws) === null) this.#sockets.checkAt(ws, this.#deps.nowMs() + MAX_STALL_MS);
    if (frames.length === 0 && !this.#waiting.has(ws)) this.#ctx.waitUntil(this.#readFor(ws));
  }

  async #readFor(ws: WebSocket): Promise<void> {
    const before = this.#sockets.lastKey(ws);
    this.#waiting.add(ws);
    const read = await this.#history.read(before);
    // Gone meanwhile.
    if (!this.#waiting.delete(ws)) return;
    const row = this.#deps.row();
    const sent = this.#sockets.lastKey(ws);
    if (row === null || sent > before || this.#history.after(sent, row, 1).length > 0) return this.#catchUp(ws);
    if (read && isTombstone(row)) return this.#upToDate(ws, row);
    // Without the next event there is no going on: a client that comes back finds it, or is told so again.
    this.#deps.log("warn", "a client of a session could not be sent what it had missed", { sessionId: row.id, after: sent });
    this.#sockets.cut(ws, CLOSE.tryAgain, "the events cannot be read now");
    this.#noLongerBehind(ws);
  }

  #upToDate(ws: WebSocket, row: Stored): void {
    this.#sockets.checkAt(ws, null);
    this.#noLongerBehind(ws);
    if (isTombstone(row)) this.#sockets.cut(ws, CLOSE.gone, "the session is archived");
  }

  #noLongerBehind(ws: WebSocket): void {
    if (this.#behind.delete(ws) && this.#behind.size === 0) this.#history.forget();
  }

  async #command(ws: WebSocket, id: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const result = await this.#carryOut(this.#sockets.holder(ws), { ...body, id });
    this.#sockets.answer(ws, JSON.stringify({ type: "result", id, ...result } satisfies SessionServerFrame));
  }

  async #carryOut(holder: Holder, body: Record<string, unknown> & { readonly id: string }): Promise<CommandResult> {
    const { id } = body;
    if (!holder.permissions.includes("sessions:command")) {
      this.#deps.note({ id, kind: null, taken: false }, holder);
      return refusedResult({ code: "forbidden", detail: "these credentials do not grant sessions:command" });
    }
    const parsed = parseCommand(body);
    if (!parsed.ok) return refusedResult({ code: "invalid_fields", errors: parsed.error });
    try {
      const answer = await this.#deps.command(parsed.value, holder);
      if (answer.tag === "taken") this.#deps.note({ id, kind: parsed.value.command.kind, taken: true }, holder);
      return resultOf(answer);
    } catch (error) {
      this.#deps.log("error", "a command of a socket failed", { sessionId: this.#deps.row()?.id, ...errorFields(error) });
      return refusedResult({ code: "internal" });
    }
  }
}

function parseAfter(values: readonly string[] | undefined): number | null | "malformed" {
  if (values === undefined || values.length === 0) return null;
  const [text = ""] = values;
  return values.length === 1 && /^\d{1,9}$/.test(text) ? Number(text) : "malformed";
}
