/** The end of a session's record: what stays of it for good, and the event that the log has to take. */
import { anyOpen } from "../../domain/call/legs.ts";
import { isTerminal } from "../../domain/call/state.ts";
import type { EventLog } from "../event-log/event-log.ts";
import { deletedOf, lastIdMs } from "./amend-steps.ts";
import { offerAndWait } from "./offer.ts";
import type { DeleteAnswer, DeleteRefusal, DeleteRequest } from "./record-messages.ts";
import type { StepContext } from "./record.ts";
import { type Deleted, type Stored, isTombstone, saveRow } from "./row.ts";

export type DeletionHost = {
  readonly storage: () => DurableObjectStorage;
  readonly logs: () => DurableObjectNamespace<EventLog>;
  /** When to offer again what the log has not taken. */
  readonly retryAt: () => number;
};

/** Why the session cannot be deleted now; null: it can. What has ended stays ended, so that this holds from then on. */
export function deletionRefusal(
  stored: Stored | null,
  { tenant, trunk }: Pick<DeleteRequest, "tenant" | "trunk">,
): DeleteRefusal | null {
  if (stored === null || stored.tenant !== tenant) return { tag: "unknown" };
  // An archived session has forgotten its trunk: credentials of one do not reach it.
  if (trunk !== null && (isTombstone(stored) || stored.call?.trunk !== trunk)) return { tag: "other_trunk" };
  const { phase } = stored.state;
  if (!isTerminal(phase) && stored.recorded === undefined) return { tag: "alive", state: phase };
  const open = !isTombstone(stored) && stored.legs !== undefined && anyOpen(stored.legs);
  return open ? { tag: "legs_open", state: phase } : null;
}

export class Deletion {
  readonly #host: DeletionHost;
  #deleted: Deleted | null;

  constructor(host: DeletionHost, deleted: Deleted | null) {
    this.#host = host;
    this.#deleted = deleted;
  }

  /** What is left; null: the session has not been deleted. */
  get deleted(): Deleted | null {
    return this.#deleted;
  }

  /** Whether the deletion may be carried out now. */
  verdict(stored: Stored | null, request: DeleteRequest): DeleteAnswer {
    if (this.#deleted !== null && this.#deleted.tenant === request.tenant) return { tag: "deleted" };
    const refused = deletionRefusal(stored, request);
    if (refused !== null || stored === null) return refused ?? { tag: "unknown" };
    return lastIdMs(stored) < request.coveredUntilMs ? { tag: "deleted" } : { tag: "uncovered" };
  }

  /** Puts what stays in the place of everything else, with the alarm that sees to the last event: both or neither are on disk. */
  carryOut(stored: Stored, context: StepContext): Deleted {
    const deleted = deletedOf(stored, context);
    saveRow(this.#host.storage(), deleted);
    void this.#host.storage().setAlarm(this.#host.retryAt());
    this.#deleted = deleted;
    return deleted;
  }

  /** Offers the last event until the log has it; then there is nothing more to do, ever. */
  async offer(): Promise<void> {
    const { last, ...rest } = this.#deleted ?? {};
    if (this.#deleted === null || last === undefined) return;
    void this.#host.storage().setAlarm(this.#host.retryAt());
    if ((await offerAndWait(this.#host.logs(), this.#deleted, [last])) !== "durable") return;
    this.#deleted = rest as Deleted;
    saveRow(this.#host.storage(), this.#deleted);
    void this.#host.storage().deleteAlarm();
  }
}
