/** News of a call whose storage is gone: recorded in the log as not applied, and nothing else comes of it. */
import type { EventLog } from "../event-log/event-log.ts";
import type { ReportAnswer } from "./messages.ts";
import { offerAndWait } from "./offer.ts";
import type { StepContext } from "./record.ts";
import { type Stored, type Tombstone, holdsManyLate, isTombstone } from "./row.ts";
import { type IncomingReport, lateConfirmed, lateReport } from "./steps.ts";
import { viewOf } from "./view.ts";

export type AfterArchiveHost = {
  readonly logs: () => DurableObjectNamespace<EventLog>;
  readonly stored: () => Stored | null;
  /** Writes the row. */
  readonly save: (tombstone: Tombstone) => void;
  /** Sees to it that the object looks at itself again, should the log not answer; and that it need not, when it has. */
  readonly lookAgain: () => void;
  readonly rest: () => void;
};

export class AfterArchive {
  readonly #host: AfterArchiveHost;

  constructor(host: AfterArchiveHost) {
    this.#host = host;
  }

  async report(tombstone: Tombstone, incoming: IncomingReport, context: StepContext): Promise<ReportAnswer> {
    if (holdsManyLate(tombstone)) return { tag: "unavailable" };
    const later = lateReport(tombstone, incoming, context);
    // On disk before the log is asked: whoever dies in between offers it again, and its place in the sequence is taken.
    if (later !== tombstone) this.#host.save(later);
    const taken: ReportAnswer = { tag: "taken", applied: false, ended: false, view: viewOf(later) };
    // Without the log's word it has not been taken, and the reporter has to know.
    return (await this.offer(later)) ? taken : { tag: "unavailable" };
  }

  /** Offers what the log has not confirmed. @returns whether it has everything. */
  async offer(tombstone: Tombstone): Promise<boolean> {
    const { late = [] } = tombstone;
    const last = late.at(-1);
    if (last === undefined) return true;
    this.#host.lookAgain();
    if ((await offerAndWait(this.#host.logs(), tombstone, late)) !== "durable") return false;
    const current = this.#host.stored();
    if (current === null || !isTombstone(current)) return true;
    const left = lateConfirmed(current, last.sequence);
    this.#host.save(left);
    if (left.late === undefined) this.#host.rest();
    return true;
  }
}
