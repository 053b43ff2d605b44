/** A session as its object runs it: real steps, a row on disk, and a network to the log that loses, repeats and delays. */
import { isTerminal } from "../../../domain/call/state.ts";
import { forwardRetryAt } from "../../../domain/call/timers.ts";
import { toCloudEvent } from "../../../domain/events/event.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import type { SessionRow } from "../../../durable-objects/call-session/row.ts";
import {
  type Identity,
  type IncomingReport,
  type StepContext,
  announce,
  emptyRow,
  report,
} from "../../../durable-objects/call-session/steps.ts";
import { CALL, TRACEPARENT } from "../call/fixtures.ts";
import type { LogShard } from "./log-shard.ts";
import type { Dice, Scheduler } from "./scheduler.ts";

export type Message =
  | { readonly kind: "announce"; readonly plan: Plan }
  | { readonly kind: "report"; readonly report: IncomingReport };

export type World = { readonly dice: Dice; readonly scheduler: Scheduler; readonly log: LogShard };

const CRASH = 0.1;
const LOST = 0.3;
const DELAY_MS = 800;

export class Session {
  readonly identity: Identity;
  readonly #world: World;
  #disk: string | null = null;
  #row: SessionRow | null = null;
  #failures = 0;
  #alarmSet = false;

  constructor(identity: Identity, world: World) {
    this.identity = identity;
    this.#world = world;
  }

  /** The row as it is on disk. */
  get row(): SessionRow {
    if (this.#disk === null) throw new Error("the session has stored nothing");
    return JSON.parse(this.#disk) as SessionRow;
  }

  /** Takes a message; returns when it is on disk, which acknowledges it. */
  deliver(message: Message): void {
    const { dice, scheduler } = this.#world;
    const context: StepContext = { nowMs: scheduler.nowMs, random: dice.bytes, traceparent: TRACEPARENT };
    const before = this.#row ?? emptyRow(this.identity, context.nowMs);
    const after = this.#step(before, message, context);
    if (after === before) return;
    this.#disk = JSON.stringify(after);
    this.#row = after;
    this.#arm();
    if (dice.chance(CRASH)) this.#crash();
    else this.#forward(after, isTerminal(after.state.phase));
  }

  #step(row: SessionRow, message: Message, context: StepContext): SessionRow {
    if (message.kind === "report") return report(row, message.report, context).row;
    return row.call === null ? announce(row, CALL, message.plan, null, context) : row;
  }

  /** Memory is gone; the next message finds what is on disk. */
  #crash(): void {
    this.#row = this.#disk === null ? null : this.row;
  }

  #forward(row: SessionRow, wait: boolean): void {
    const { dice, scheduler, log } = this.#world;
    const offer = row.events
      .filter(({ sequence }) => sequence > row.forwarded)
      .map((event) => toCloudEvent(event, row.tenant, row.id));
    const answer = (): void => {
      if (!dice.chance(LOST)) scheduler.after(dice.below(DELAY_MS), () => this.#confirmed(row.sequence));
    };
    for (let copy = 0; copy < (dice.chance(0.1) ? 2 : 1); copy++) {
      if (!dice.chance(LOST)) scheduler.after(dice.below(DELAY_MS), () => log.append(offer, wait ? answer : null));
    }
  }

  #confirmed(sequence: number): void {
    if (this.#row === null) return;
    this.#failures = 0;
    this.#row = { ...this.#row, forwarded: Math.max(this.#row.forwarded, sequence) };
  }

  /** Alarms are on disk: they outlive a crash, and come until the log has everything. */
  #arm(): void {
    if (this.#alarmSet) return;
    this.#alarmSet = true;
    const { dice, scheduler } = this.#world;
    const dueMs = forwardRetryAt(scheduler.nowMs, this.#failures, dice.next());
    scheduler.after(dueMs - scheduler.nowMs, () => {
      this.#alarmSet = false;
      const row = this.#row;
      if (row === null || row.forwarded >= row.sequence) return;
      this.#failures += 1;
      this.#arm();
      if (dice.chance(CRASH)) this.#crash();
      else this.#forward(row, true);
    });
  }
}
