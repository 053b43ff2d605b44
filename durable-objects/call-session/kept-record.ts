/** What is done to a session's record: kept for another system, changed, ended, added to. Decides nothing about a call. */
import { amendedBy } from "../../domain/call/amendment.ts";
import { NO_ANNOTATIONS } from "../../domain/call/annotations.ts";
import { isTerminal } from "../../domain/call/state.ts";
import { sessionEtag } from "../../contracts/sessions.ts";
import { amend } from "./amend-steps.ts";
import { rememberingCommand } from "./command-verdict.ts";
import { hasRoom } from "./forwarding.ts";
import type { RecordAnswer, RecordRequest, WriteAnswer, WriteRefusal, WriteRequest, Writer } from "./record-messages.ts";
import { MAX_EVENTS_PER_SESSION, type StepContext } from "./record.ts";
import { addOwnEvent, beginRecorded, endRecorded, endsAlike } from "./recorded-steps.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";
import { emptyRow } from "./steps.ts";
import { viewOf } from "./view.ts";

export type KeptRecordHost = {
  readonly stored: () => Stored | null;
  readonly isDeleted: () => boolean;
  readonly context: (traceparent: string) => StepContext;
  /** Writes the row. Resolves when whoever is answered now reads their own write in lists. */
  readonly commit: (before: SessionRow | null, row: SessionRow, context: StepContext) => Promise<void>;
};

type Of<Kind> = Extract<WriteRequest, { readonly kind: Kind }>;
type Open = { readonly tag: "open"; readonly row: SessionRow };

/** What every writer has to be told first. @returns the row that may be written on. */
function openFor(stored: Stored | null, { tenant, trunk }: Writer): Open | WriteRefusal {
  if (stored === null || stored.tenant !== tenant) return { tag: "unknown" };
  if (isTombstone(stored)) return { tag: "archived" };
  if (trunk !== null && stored.call?.trunk !== trunk) return { tag: "other_trunk" };
  return { tag: "open", row: stored };
}

function roomIn(row: SessionRow): WriteRefusal | null {
  if (row.sequence >= MAX_EVENTS_PER_SESSION) return { tag: "too_many_events" };
  return hasRoom(row) ? null : { tag: "unavailable" };
}

export class KeptRecord {
  readonly #host: KeptRecordHost;

  constructor(host: KeptRecordHost) {
    this.#host = host;
  }

  /** On disk before it is answered. A repetition changes nothing and gets the session as it is. */
  async begin({ identity, recording, by, traceparent }: RecordRequest): Promise<RecordAnswer> {
    if (this.#host.isDeleted()) return { tag: "deleted" };
    const stored = this.#host.stored();
    if (stored !== null) return { tag: "recorded", created: false, view: viewOf(stored) };
    const context = this.#host.context(traceparent);
    const row = beginRecorded(emptyRow(identity, context.nowMs), recording, by, context);
    await this.#host.commit(null, row, context);
    return { tag: "recorded", created: true, view: viewOf(row) };
  }

  /** Writes on the record what people and other systems say of the call. */
  async write(request: WriteRequest): Promise<WriteAnswer> {
    const open = openFor(this.#host.stored(), request);
    if (open.tag !== "open") return open;
    switch (request.kind) {
      case "amend":
        return this.#amend(open.row, request);
      case "end":
        return this.#end(open.row, request);
      case "event":
        return this.#add(open.row, request);
    }
  }

  async #amend(row: SessionRow, request: Of<"amend">): Promise<WriteAnswer> {
    if (row.commandIds?.includes(request.requestId) === true) return repeatedFor(row);
    if (request.ifMatch !== null && !request.ifMatch.includes(sessionEtag(viewOf(row)))) return { tag: "precondition_failed" };
    const changes = amendedBy(row.call?.metadata ?? null, row.annotations ?? NO_ANNOTATIONS, request.amendment);
    if (!changes.ok) return { tag: changes.error };
    if (Object.keys(changes.value).length === 0) return repeatedFor(row);
    return roomIn(row) ?? this.#commit(row, request, (known, context) => amend(known, changes.value, request.by, context));
  }

  async #end(row: SessionRow, request: Of<"end">): Promise<WriteAnswer> {
    const { phase, startedAtMs } = row.state;
    if (row.recorded === undefined) return { tag: "not_recorded", state: phase };
    if (isTerminal(phase)) return endsAlike(row, request) ? repeatedFor(row) : { tag: "ended_otherwise" };
    const { nowMs } = this.#host.context(request.traceparent);
    const { disposition, by } = request;
    // What is not said is now, or the beginning where that is a little ahead of our clock.
    const endedMs = request.endedMs ?? Math.max(nowMs, startedAtMs ?? nowMs);
    if (startedAtMs !== null && endedMs < startedAtMs) return { tag: "before_start" };
    // An end is always taken.
    return this.#commit(row, request, (known, context) => endRecorded(known, { endedMs, disposition }, by, context));
  }

  async #add(row: SessionRow, request: Of<"event">): Promise<WriteAnswer> {
    if (row.recorded === undefined) return { tag: "not_recorded", state: row.state.phase };
    if (row.reportIds.includes(request.event.id)) return repeatedFor(row);
    return roomIn(row) ?? this.#commit(row, request, (known, context) => addOwnEvent(known, request.event, context));
  }

  async #commit(
    before: SessionRow,
    { requestId, traceparent }: Writer,
    step: (row: SessionRow, context: StepContext) => SessionRow,
  ): Promise<WriteAnswer> {
    const context = this.#host.context(traceparent);
    const row = step(rememberingCommand(before, requestId), context);
    await this.#host.commit(before, row, context);
    return { tag: "taken", repeated: false, view: viewOf(row) };
  }
}

const repeatedFor = (row: SessionRow): WriteAnswer => ({ tag: "taken", repeated: true, view: viewOf(row) });
