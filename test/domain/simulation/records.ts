/** Records that other systems keep with us: begun, amended, ended and deleted, while everything fails. So are calls of long ago. */
import { type CloudEvent, eventType } from "../../../domain/events/event.ts";
import { mergeRows } from "../../../domain/sessions/projected.ts";
import { foldEvents } from "../../../domain/sessions/projection.ts";
import type { OpenOutcome, ReportAnswer } from "../../../durable-objects/call-session/messages.ts";
import type { DeleteAnswer, RecordAnswer, WriteAnswer } from "../../../durable-objects/call-session/record-messages.ts";
import { isDeleted } from "../../../durable-objects/call-session/row.ts";
import type { Identity } from "../../../durable-objects/call-session/steps.ts";
import { CALL, ROUTED, TENANT, TRACEPARENT, incoming } from "../call/fixtures.ts";
import { type PlayedCall, REQUESTS, freshIdentity } from "./calls.ts";
import { committedIn } from "./outcome.ts";
import { persist } from "./parties/persist.ts";
import type { Dice } from "./scheduler.ts";
import { keptOf, rowOf } from "./rows.ts";
import { Violation, type World } from "./world.ts";

const MAX_RECORDS = 3;
const MAX_AMENDMENTS = 8;
const BEGIN_MS = 20_000;
const PAUSE_MS = 4_000;
/** When somebody deletes a record: some of them while it is still written. */
const DELETED_MS = 150_000;
const DELETED = 0.6;
/** What may be ahead of the world's clock: clocks differ. */
const COVERED_MS = 60_000;
/** Somebody who has not heard of the deletion goes on for so long. */
const LATE_MS = 60_000;
const DELETED_EVENT = eventType("session.deleted");

type Kept = {
  readonly name: string;
  readonly identity: Identity;
  /** The metadata that was acknowledged last. */
  metadata: Readonly<Record<string, unknown>> | null;
  /** Somebody has asked for it to be deleted; what is written from then on may come too late. */
  doomed: boolean;
  deleted: boolean;
};

const WRITER = { tenant: TENANT, trunk: null, by: "somebody", traceparent: TRACEPARENT };

export class Records {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #prefix: string;
  readonly #kept: Kept[] = [];

  /** @param calls that have been given up long ago. */
  constructor(world: World, dice: Dice, shardPrefix: string, calls: ReadonlyMap<string, PlayedCall>) {
    this.#world = world;
    this.#dice = dice;
    this.#prefix = shardPrefix;
    for (const [name, { identity }] of calls)
      this.#kept.push({ name, identity, metadata: null, doomed: false, deleted: false });
  }

  begin(): void {
    const dice = this.#dice;
    for (const kept of this.#kept) if (dice.chance(DELETED)) this.#deleteSometime(kept);
    for (let count = dice.below(MAX_RECORDS + 1); count > 0; count--) {
      const identity = freshIdentity(dice, this.#prefix);
      const kept: Kept = { name: `record ${count}`, identity, metadata: null, doomed: false, deleted: false };
      this.#kept.push(kept);
      this.#world.scheduler.after(dice.below(BEGIN_MS), `${kept.name} begins`, () => this.#record(kept));
    }
  }

  #ask<T>(kept: Kept, method: string, request: () => object, isFinal: (answer: T) => boolean, done: (answer: T) => void): void {
    const attempt = () => this.#world.session(kept.identity.id).invoke<T>(method, request());
    persist(this.#world.network, `${kept.name} ${method}`, REQUESTS, attempt, isFinal, done);
  }

  #recording(identity: Identity, metadata: Readonly<Record<string, unknown>>): object {
    const { nowMs } = this.#world.scheduler;
    const call = { ...CALL, channel: "api", metadata };
    const recording = { call, direction: "inbound", startedMs: nowMs - BEGIN_MS, tags: [] };
    return { identity, recording, by: "somebody", traceparent: TRACEPARENT };
  }

  #record(kept: Kept): void {
    const metadata = { of: kept.name };
    const request = this.#recording(kept.identity, metadata);
    if (this.#dice.chance(DELETED)) this.#deleteSometime(kept);
    const amendments = this.#dice.below(MAX_AMENDMENTS);
    this.#ask<RecordAnswer>(
      kept,
      "record",
      () => request,
      () => true,
      ({ tag }) => {
        if (tag === "recorded") kept.metadata = metadata;
        else if (!kept.doomed) this.#violated(`${kept.name} was deleted before anybody asked for it`);
        this.#amend(kept, amendments);
      },
    );
  }

  /** One after another: the next when this one has been acknowledged. The end comes somewhere between them. */
  #amend(kept: Kept, left: number): void {
    const dice = this.#dice;
    const isEnd = dice.chance(0.2);
    // Each changes something: what changes nothing is not written, so that a late repetition of it is not known as one.
    const change = dice.chance(0.2)
      ? { of: null, nested: null, left }
      : { of: kept.name, [`step ${dice.below(3)}`]: left, nested: { deep: left } };
    const what = isEnd
      ? { kind: "end", endedMs: null, disposition: null }
      : { kind: "amend", amendment: { metadata: change }, ifMatch: null };
    const request = { ...WRITER, ...what, requestId: `${kept.name} ${left}` };
    if (left === 0) return;
    this.#world.scheduler.after(dice.below(PAUSE_MS), `${kept.name} is written`, () =>
      this.#ask<WriteAnswer>(
        kept,
        "write",
        () => request,
        ({ tag }) => tag !== "unavailable",
        (answer) => {
          if (answer.tag === "taken" && !isEnd) kept.metadata = answer.view.call?.metadata ?? {};
          else if (answer.tag === "unknown" ? !kept.doomed : answer.tag !== "taken" && answer.tag !== "ended_otherwise")
            this.#violated(`${kept.name} could not be written: ${answer.tag}`);
          this.#amend(kept, left - 1);
        },
      ),
    );
  }

  #deleteSometime(kept: Kept): void {
    const { scheduler } = this.#world;
    const lateMs = this.#dice.below(LATE_MS);
    const remove = (): void => {
      kept.doomed = true;
      this.#ask<DeleteAnswer>(
        kept,
        "remove",
        () => ({ tenant: TENANT, trunk: null, traceparent: TRACEPARENT, coveredUntilMs: scheduler.nowMs + COVERED_MS }),
        ({ tag }) => tag === "deleted",
        () => {
          kept.deleted = true;
          scheduler.after(lateMs, `somebody goes on about ${kept.name}`, () => this.#goOn(kept));
        },
      );
    };
    scheduler.after(this.#dice.below(DELETED_MS), `${kept.name} is to be deleted`, remove);
  }

  /** Everybody who has not heard of the deletion. */
  #goOn(kept: Kept): void {
    const { identity, name } = kept;
    const { nowMs } = this.#world.scheduler;
    const expected = (what: string, is: boolean): void => {
      if (!is) this.#violated(`${name} is deleted, and ${what}`);
    };
    const report = { identity, report: incoming("answered", nowMs, { reason: "late" }), early: true, traceparent: TRACEPARENT };
    const open = { identity, call: CALL, plan: ROUTED, fingerprint: null, traceparent: TRACEPARENT };
    const write = {
      ...WRITER,
      kind: "amend",
      amendment: { metadata: { late: true } },
      ifMatch: null,
      requestId: `${name} late`,
    };
    const always = (): boolean => true;
    this.#ask<ReportAnswer>(
      kept,
      "report",
      () => report,
      always,
      ({ tag }) => expected("takes a report", tag === "unknown"),
    );
    this.#ask<OpenOutcome>(
      kept,
      "open",
      () => open,
      always,
      (answer) => expected("is opened", !answer.created && answer.deleted),
    );
    this.#ask<WriteAnswer>(
      kept,
      "write",
      () => write,
      always,
      ({ tag }) => expected("is written", tag === "unknown"),
    );
    this.#ask<RecordAnswer>(
      kept,
      "record",
      () => this.#recording(identity, {}),
      always,
      ({ tag }) => expected("is recorded", tag === "deleted"),
    );
  }

  #violated(what: string): void {
    this.#world.found(new Violation(what));
  }

  /** When everything has come to rest. @throws Violation */
  async check(): Promise<void> {
    const committed = committedIn(this.#world);
    for (const kept of this.#kept) {
      const events = committed.get(kept.identity.id) ?? [];
      if (kept.deleted) await this.#checkDeleted(kept, events);
      else if (kept.metadata !== null) this.#checkAmended(kept, events);
    }
  }

  #insist(holds: boolean, what: string): void {
    if (!holds) throw new Violation(what);
  }

  async #checkDeleted({ name, identity }: Kept, events: readonly CloudEvent[]): Promise<void> {
    const { postgres } = this.#world;
    const stored = keptOf(this.#world.session(identity.id));
    this.#insist(
      stored !== null && isDeleted(stored) && stored.last === undefined,
      `${name} is not deleted, or the log has not heard of it`,
    );
    const told = events.filter(({ type }) => type === DELETED_EVENT);
    this.#insist(
      told.length === 1 && events.at(-1) === told[0],
      `${name} has ${told.length} deletions among ${events.length} events`,
    );
    this.#insist(Number(told[0]!.sequence) === stored!.sequence, `${name} ends with event ${told[0]!.sequence}`);
    const isGone = (): boolean => postgres.sessions.get(identity.id)?.deleted != null;
    this.#insist(isGone(), `${name} is deleted, and its row is not`);
    // What a reconciler finds and brings again, in any order.
    await postgres.project(this.#shuffled(events), null);
    this.#insist(isGone(), `${name} was brought back by its events`);
    const rows = this.#shuffled(events).flatMap((event) => foldEvents([event]).sessions);
    this.#insist(rows.reduce(mergeRows).deleted !== null, `${name} comes back when it is projected anew`);
  }

  #checkAmended({ name, identity, metadata }: Kept, events: readonly CloudEvent[]): void {
    const stored = rowOf(this.#world.session(identity.id));
    const own = stored !== null && "call" in stored ? stored.call?.metadata : undefined;
    const row = this.#world.postgres.sessions.get(identity.id);
    const projected = row?.amended?.metadata ?? row?.received?.metadata;
    const [folded] = foldEvents(this.#shuffled(events)).sessions;
    const expected = textOf(metadata);
    this.#insist(stored !== null, `${name} is gone`);
    // An archived session has given its metadata up; its events and its row have it.
    const isArchived = stored !== null && !("call" in stored);
    this.#insist(isArchived || textOf(own) === expected, `${name} has ${textOf(own)}, and ${expected} was acknowledged`);
    this.#insist(
      textOf(projected) === expected,
      `the row of ${name} has ${textOf(projected)}, and ${expected} was acknowledged`,
    );
    this.#insist(
      textOf(folded?.amended?.metadata ?? folded?.received?.metadata) === expected,
      `the events of ${name} do not make ${expected}`,
    );
  }

  #shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, at: this.#dice.next() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ value }) => value);
  }
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  ) ?? "nothing";
