/** Remembers the ids that were seen last, so that what comes from two places is given out once where that is soon. */
import type { EventId } from "../../domain/shared/ids.ts";

/** Some megabytes at most. */
const MAX_RECENT_IDS = 10_000;

export class Recent {
  readonly #ids = new Set<EventId>();

  /** False: it was seen before. */
  isNew(id: EventId): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > MAX_RECENT_IDS) this.#ids.delete(this.#ids.values().next().value!);
    return true;
  }
}
