/** The end that a session comes to by itself, because nobody speaks of the call any more or it has lasted its longest. */
import type { LegAction } from "../../domain/call/legs.ts";
import { type EndCause, mayBeTalking, overdue } from "./due.ts";
import { type Carriers, stillTalks } from "./leg-runner.ts";
import { stepLegs } from "./leg-steps.ts";
import type { StepContext } from "./record.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";
import { endByItself } from "./steps.ts";

export type OwnEndHost = {
  readonly stored: () => Stored | null;
  readonly carriers: () => Carriers;
  /** Writes a step of our own, and asks carriers what it wants of them. Nobody waits for it. */
  readonly commit: (before: SessionRow, row: SessionRow, actions: readonly LegAction[], context: StepContext) => void;
};

export class OwnEnd {
  readonly #host: OwnEndHost;

  constructor(host: OwnEndHost) {
    this.#host = host;
  }

  /** Ends the call where it is due. @returns whether it was; null: nothing was, and nothing has been done. */
  whenDue(row: SessionRow, context: StepContext): Promise<void> | null {
    const because = overdue(row, context.nowMs);
    if (because === null) return null;
    if (because === "silence" && mayBeTalking(row, context.nowMs)) return this.#confirm(row, context);
    this.#end(row, because, context);
    return Promise.resolve();
  }

  #end(row: SessionRow, because: EndCause, context: StepContext): void {
    const { row: ended, actions } = stepLegs(endByItself(row, context, because), { kind: "hang_up" }, context);
    // Whatever the row promises, no alarm is known to stand when one has come.
    this.#host.commit({ ...row, alarmMs: null }, ended, actions, context);
  }

  /** Silence is no end while the carrier says that they talk. */
  async #confirm(stored: SessionRow, context: StepContext): Promise<void> {
    // Written first, with the alarm: whoever dies while the carrier is asked asks again.
    this.#host.commit({ ...stored, alarmMs: null }, { ...stored, askedMs: context.nowMs }, [], context);
    const asked = this.#host.stored();
    const talks = await stillTalks(stored, this.#host.carriers(), context.traceparent);
    // Somebody has spoken meanwhile.
    if (asked === null || isTombstone(asked) || this.#host.stored() !== asked) return;
    if (talks) this.#host.commit(asked, { ...asked, heardMs: context.nowMs }, [], context);
    else this.#end(asked, "silence", context);
  }
}
