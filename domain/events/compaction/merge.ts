/** Merges sorted runs of one tenant's events into one, each event once. */
import { EVENTS_PER_BLOCK, MAX_BLOCK_UNITS } from "../segment.ts";
import type { StoredLine } from "../stored.ts";

/** Runs that are open at once. Each holds what it has read ahead: this bounds the memory that a merge takes. */
export const MAX_MERGE_INPUTS = 64;

/** Events sorted by id, piece by piece. */
export type Run = AsyncIterable<readonly StoredLine[]>;

type Cursor = {
  readonly iterator: AsyncIterator<readonly StoredLine[]>;
  readonly order: number;
  piece: readonly StoredLine[];
  at: number;
};

const idOf = ({ piece, at }: Cursor): string => piece[at]!.facts.id;

/** Of two with the same id the earlier run comes first, so that the outcome does not depend on who was read faster. */
function isBefore(a: Cursor, b: Cursor): boolean {
  const [left, right] = [idOf(a), idOf(b)];
  return left === right ? a.order < b.order : left < right;
}

/** Restores the heap's order below one place. */
function sink(heap: Cursor[], from: number): void {
  for (let at = from; ;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2])
      if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}

/** False when the run has ended. */
async function refill(cursor: Cursor): Promise<boolean> {
  do {
    const next = await cursor.iterator.next();
    if (next.done === true) return false;
    cursor.piece = next.value;
    cursor.at = 0;
  } while (cursor.piece.length === 0);
  return true;
}

async function* drain(heap: Cursor[]): AsyncGenerator<StoredLine[]> {
  let merged: StoredLine[] = [];
  let [last, units] = ["", 0];
  while (heap.length > 0) {
    const first = heap[0]!;
    const line = first.piece[first.at]!;
    if (line.facts.id !== last) {
      merged.push(line);
      units += line.line.length;
    }
    last = line.facts.id;
    first.at += 1;
    if (first.at === first.piece.length && !(await refill(first))) {
      const moved = heap.pop()!;
      if (moved !== first) heap[0] = moved;
    }
    sink(heap, 0);
    if (merged.length < EVENTS_PER_BLOCK && units < MAX_BLOCK_UNITS) continue;
    yield merged;
    [merged, units] = [[], 0];
  }
  if (merged.length > 0) yield merged;
}

/**
 * @param runs at most `MAX_MERGE_INPUTS`. Of events with the same id the one of the earlier run stays.
 * @throws what a run throws; all runs are closed then, as they are when nobody reads on.
 */
export async function* mergeRuns(runs: readonly Run[]): AsyncGenerator<StoredLine[]> {
  if (runs.length > MAX_MERGE_INPUTS) throw new Error(`${runs.length} runs are more than a merge may hold open`);
  const cursors = runs.map((run, order): Cursor => ({ iterator: run[Symbol.asyncIterator](), order, piece: [], at: 0 }));
  try {
    const heap: Cursor[] = [];
    for (const cursor of cursors) if (await refill(cursor)) heap.push(cursor);
    for (let at = Math.floor(heap.length / 2) - 1; at >= 0; at--) sink(heap, at);
    yield* drain(heap);
  } finally {
    await Promise.all(cursors.map(({ iterator }) => iterator.return?.()));
  }
}
