/**
 * At most so many at once per target, and nobody queues: whoever finds it full is refused at once. A place that is not given back (the
 * platform drops the work of a client that hangs up) is free again after its deadline.
 */
export type Bulkhead = {
  /** Places taken, each with the moment at which it is taken for lost. Unix milliseconds. */
  readonly places: Map<number, number>;
  /** The next place's number. */
  next: number;
};

export const emptyBulkhead = (): Bulkhead => ({ places: new Map(), next: 0 });

function dropLost({ places }: Bulkhead, nowMs: number): void {
  for (const [place, lostAtMs] of places) if (lostAtMs <= nowMs) places.delete(place);
}

export function isEmpty(bulkhead: Bulkhead, nowMs: number): boolean {
  dropLost(bulkhead, nowMs);
  return bulkhead.places.size === 0;
}

/** Changes `bulkhead`. @returns the place's number, to give it back with; null: it is full. */
export function enter(bulkhead: Bulkhead, maxAtOnce: number, nowMs: number, lostAtMs: number): number | null {
  const { places } = bulkhead;
  if (places.size >= maxAtOnce) dropLost(bulkhead, nowMs);
  if (places.size >= maxAtOnce) return null;
  const place = bulkhead.next++;
  places.set(place, lostAtMs);
  return place;
}

/** Giving back twice is giving back once. */
export function leave({ places }: Bulkhead, place: number): void {
  places.delete(place);
}
