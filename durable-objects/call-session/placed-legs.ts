/** Carries out what the legs of a session want: asks the carrier behind the answer, and gives each answer back to the legs. */
import { type LegAction, type LegsInput, pollLegs } from "../../domain/call/legs.ts";
import { type Carriers, askCarrier } from "./leg-runner.ts";
import { stepLegs } from "./leg-steps.ts";
import type { StepContext } from "./record.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";

export type PlacedLegsHost = {
  readonly stored: () => Stored | null;
  readonly carriers: () => Carriers;
  readonly context: (traceparent: string) => StepContext;
  /** Writes the row. Resolves when the tenant's feed has it. */
  readonly commit: (before: SessionRow, row: SessionRow, context: StepContext) => Promise<void>;
  /** Keeps work alive behind the answer. */
  readonly behind: (work: Promise<void>) => void;
};

export class PlacedLegs {
  readonly #host: PlacedLegsHost;

  constructor(host: PlacedLegsHost) {
    this.#host = host;
  }

  /** @returns when what came of it is written, and the feed has it. */
  async move(input: LegsInput, context: StepContext): Promise<void> {
    const stored = this.#host.stored();
    if (stored === null || isTombstone(stored)) return;
    const step = stepLegs(stored, input, context);
    if (step.row === stored) return;
    const told = this.#host.commit(stored, step.row, context);
    this.act(step.actions, context);
    await told;
  }

  /** What has just been written as asked. Should it not come to its end, the alarm finds the same things due. */
  act(actions: readonly LegAction[], context: StepContext): void {
    for (const action of actions) this.#host.behind(this.#ask(action, context.traceparent));
  }

  /** Asks about the leg that rings or talks: a callback may have been lost. */
  poll({ legs }: SessionRow, context: StepContext): void {
    if (legs !== undefined) this.act(pollLegs(legs), context);
  }

  async #ask(action: LegAction, traceparent: string): Promise<void> {
    const row = this.#host.stored();
    if (row === null || isTombstone(row)) return;
    const result = await askCarrier(row, this.#host.carriers(), action, traceparent);
    const answer: LegsInput = { kind: "answer", leg: action.leg.number, action: action.kind, result };
    await this.move(answer, this.#host.context(traceparent));
  }
}
