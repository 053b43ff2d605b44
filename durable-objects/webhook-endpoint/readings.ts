/** Events that are read from the event store, page by page, while there is room for them. */
import { inTime } from "../../adapters/platform/deadline.ts";
import { type TenantId, timeOfId } from "../../domain/shared/ids.ts";
import { againAfterMs } from "../../domain/webhooks/alarm.ts";
import type { HandedEvent, Reading } from "../../domain/webhooks/delivery.ts";
import type { StoredPage, WebhookDesk } from "../../domain/webhooks/desk.ts";
import { type DeliveryQueue, REFILL_BELOW, type Waiting } from "../../domain/webhooks/queue.ts";
import type { EndpointRows } from "./rows.ts";

/** Replays of an endpoint that are under way at once; they are read one after the other. */
export const MAX_RUNNING_REPLAYS = 5;
const PAGE_DEADLINE_MS = 30_000;
const PUT_OFF = "put-off";

export type ReadPage = { readonly reading: Reading; readonly page: StoredPage };

export class Readings {
  readonly #rows: EndpointRows;
  readonly #nowMs: () => number;
  /** Under way, the oldest first. */
  #running: readonly Reading[] = [];
  #isBeingRead = false;
  #failures = 0;
  #againMs = 0;

  constructor(rows: EndpointRows, nowMs: () => number) {
    this.#rows = rows;
    this.#nowMs = nowMs;
    this.#load();
    rows.onRollback(() => this.#load());
  }

  #load(): void {
    this.#running = this.#rows.readings().filter(({ state }) => state === "running");
  }

  /** Whether events were put off that have not been read yet: then all that come are, so that their order stays. */
  get isPuttingOff(): boolean {
    return this.#running.some(({ kind }) => kind === "put_off");
  }

  /** When the oldest event was recorded that is still to be read of those put off; null: none is. */
  get oldestMs(): number | null {
    const putOff = this.#running.find(({ kind }) => kind === "put_off");
    if (putOff === undefined) return null;
    return putOff.place === null ? putOff.fromMs : timeOfId(putOff.place);
  }

  /** To be called where what it writes belongs together with something else. */
  putOff(events: readonly HandedEvent[]): void {
    const times = events.map(({ id }) => timeOfId(id));
    const [fromMs, toMs] = [Math.min(...times), Math.max(...times) + 1];
    const known = this.#running.find(({ kind }) => kind === "put_off");
    const begun: Reading = { ...this.#new(PUT_OFF, "put_off", fromMs, toMs) };
    // An event from before the place where reading has got to: it goes back, and what was read is known by its ids.
    const isBehind = known?.place != null && fromMs <= timeOfId(known.place);
    this.#save(
      known === undefined
        ? begun
        : {
            ...known,
            fromMs: Math.min(known.fromMs, fromMs),
            toMs: Math.max(known.toMs, toMs),
            place: isBehind ? null : known.place,
          },
    );
  }

  /** Null when too many are under way. */
  begin(id: string, fromMs: number, toMs: number): Reading | null {
    const known = this.#rows.readings().find((reading) => reading.id === id);
    if (known !== undefined) return known;
    if (this.#running.filter(({ kind }) => kind === "replay").length >= MAX_RUNNING_REPLAYS) return null;
    const reading = this.#new(id, "replay", fromMs, toMs);
    this.#save(reading);
    return reading;
  }

  /** All that are under way end here. */
  cancel(): void {
    for (const reading of this.#running) this.#save({ ...reading, state: "cancelled", finishedMs: this.#nowMs() });
  }

  /** When a page is to be read; null: nothing is to be read, or there is no room. */
  dueMs({ size }: DeliveryQueue): number | null {
    return this.#running.length === 0 || this.#isBeingRead || size >= REFILL_BELOW ? null : this.#againMs;
  }

  isDue(nowMs: number, queue: DeliveryQueue): boolean {
    const dueMs = this.dueMs(queue);
    return dueMs !== null && dueMs <= nowMs;
  }

  /** The next page of the oldest; null when the store cannot be read now. Never rejects. Nothing else is read until `release`. */
  async next(desk: WebhookDesk, tenant: TenantId, eventTypes: readonly string[]): Promise<ReadPage | null> {
    this.#isBeingRead = true;
    const reading = this.#running[0];
    if (reading === undefined) return null;
    const { fromMs, toMs, place } = reading;
    try {
      const page = await inTime(desk.storedEvents({ tenant, eventTypes, fromMs, toMs, place }), PAGE_DEADLINE_MS);
      this.#failures = 0;
      this.#againMs = 0;
      return { reading, page };
    } catch {
      this.#failures += 1;
      this.#againMs = this.#nowMs() + againAfterMs(this.#failures);
      return null;
    }
  }

  /** What `next` gave has been taken, or is not wanted. */
  release(): void {
    this.#isBeingRead = false;
  }

  /** Takes a page, and notes how far it has got. To be called in a transaction. @returns what waits for delivery now. */
  take({ reading, page }: ReadPage, nowMs: number): Waiting[] {
    const known = this.#running.find(({ id }) => id === reading.id);
    if (known === undefined) return [];
    const isReplay = known.kind === "replay";
    const events = isReplay ? page.events : page.events.filter(({ id }) => !this.#rows.isRemembered(id));
    const added = this.#rows.put(events, nowMs, isReplay ? "replay" : "event");
    if (!isReplay) this.#rows.remember(events);
    // More was put off while the page was read: it goes on behind the page, or at the beginning where that lies before.
    const isOver = page.place === null && known === reading;
    const isSetBack = known.fromMs < reading.fromMs || (known.place === null && reading.place !== null);
    const place = isSetBack ? null : (page.place ?? page.events.at(-1)?.id ?? reading.place);
    const more = { events: known.events + events.length, place };
    this.#save(isOver ? { ...known, ...more, state: "done", finishedMs: nowMs } : { ...known, ...more });
    return added;
  }

  #new(id: string, kind: Reading["kind"], fromMs: number, toMs: number): Reading {
    const startedMs = this.#nowMs();
    return { id, kind, fromMs, toMs, place: null, events: 0, state: "running", startedMs, finishedMs: null };
  }

  #save(reading: Reading): void {
    this.#rows.saveReading(reading);
    const others = this.#running.filter(({ id }) => id !== reading.id);
    this.#running = reading.state === "running" ? [...others, reading].sort((a, b) => a.startedMs - b.startedMs) : others;
  }
}
