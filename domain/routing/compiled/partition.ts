/**
 * Cuts sorted keys into chunks. A chunk has the keys from its start (inclusive) to the next one's (exclusive), so that a look-up of a key
 * needs one chunk: the last whose start is not after it. Prefixes of the key that lie before that start are prefixes of the start too
 * (nothing else is between a prefix and its extension): those keys have to stand elsewhere, in a root or as copies.
 */

export type Sizes = {
  readonly length: number;
  readonly units: (row: number) => string;
  /** What the row adds to its chunk, in bytes, when it is the next row of the chunk that began at row `first`. */
  readonly bytes: (row: number, first: number) => number;
};

/** `starts[i]` is the least text after the key before, so that few prefixes reach across it. */
export type Cut = { readonly starts: readonly string[]; readonly firstRows: readonly number[]; readonly bytes: number };

/** Rows with the same key stay together, however long the chunk gets. */
export function partition(rows: Sizes, maxBytes: number): Cut {
  const starts = [""];
  const firstRows = [0];
  let first = 0;
  let size = 0;
  let total = 0;
  let previous = "";
  for (let row = 0; row < rows.length; row++) {
    const units = rows.units(row);
    let bytes = rows.bytes(row, first);
    if (size > 0 && size + bytes > maxBytes && units !== previous) {
      first = row;
      starts.push(shortestAfter(previous, units));
      firstRows.push(row);
      size = 0;
      bytes = rows.bytes(row, first);
    }
    size += bytes;
    total += bytes;
    previous = units;
  }
  return { starts, firstRows, bytes: total };
}

/** The shortest beginning of `units` that comes after `previous`. */
function shortestAfter(previous: string, units: string): string {
  let length = 1;
  while (units.slice(0, length) <= previous) length++;
  return units.slice(0, length);
}

/** The number of the chunk that has the key. */
export function findChunk(starts: readonly string[], units: string): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= units) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Every proper prefix of a start: what a look-up may need besides its chunk. */
export function ancestorsOf(starts: readonly string[]): ReadonlySet<string> {
  const ancestors = new Set<string>();
  for (const start of starts) for (let length = 0; length < start.length; length++) ancestors.add(start.slice(0, length));
  return ancestors;
}
