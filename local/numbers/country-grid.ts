/** Which countries a place may be in, for every cell of a grid over the globe: made once, so that asking costs next to nothing. */
import type { Outline, Point } from "./outlines.ts";
import { CELLS_PER_DEGREE, COLUMNS, NEAR_KM, ROWS } from "../../domain/location/country-cells.ts";

const KM_PER_DEGREE = 111.2;
/** How densely borders are gone along. */
const STEP_KM = 5;
/** A nearest country is looked for in the middle of the sea, where it does not matter which of two it is. */
const COARSE_CELLS = 4;
const NEAREST_STEP_KM = 60;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const rowOf = (latitude: number): number => Math.min(ROWS - 1, Math.max(0, Math.floor((latitude + 90) * CELLS_PER_DEGREE)));

/** Lists of countries by number, so that a cell is one number. List 0 is empty. */
class Lists {
  readonly all: (readonly string[])[] = [[]];
  readonly #numbers = new Map<string, number>([["", 0]]);
  readonly #next = new Map<string, number>();

  /** The list with the country added at its end. */
  with(list: number, country: string): number {
    const step = `${list} ${country}`;
    const known = this.#next.get(step);
    if (known !== undefined) return known;
    const before = this.all[list]!;
    const after = before.includes(country) ? before : [...before, country];
    const number = this.#numberOf(after);
    this.#next.set(step, number);
    return number;
  }

  #numberOf(list: readonly string[]): number {
    const key = list.join();
    const number = this.#numbers.get(key) ?? this.all.length;
    if (number === this.all.length) {
      this.all.push(list);
      this.#numbers.set(key, number);
    }
    return number;
  }
}

/** Points along the ring, none further than the step from the next. */
function* along(ring: readonly Point[], stepKm: number): Generator<Point> {
  for (const [index, [longitude, latitude]] of ring.entries()) {
    yield [longitude, latitude];
    const next = ring[index + 1];
    if (next === undefined) return;
    const [dx, dy] = [next[0] - longitude, next[1] - latitude];
    const km = Math.hypot(dx * Math.cos(radians(latitude)), dy) * KM_PER_DEGREE;
    for (let passed = stepKm; passed < km; passed += stepKm)
      yield [longitude + (dx * passed) / km, latitude + (dy * passed) / km];
  }
}

/** Points along the ring, so far apart at least: enough to say who is nearest in the middle of the sea. */
function* thinned(ring: readonly Point[], stepKm: number): Generator<Point> {
  let last: Point | null = null;
  for (const point of along(ring, STEP_KM)) {
    const away = last === null ? Infinity : Math.hypot((point[0] - last[0]) * Math.cos(radians(point[1])), point[1] - last[1]);
    if (away * KM_PER_DEGREE < stepKm) continue;
    last = point;
    yield point;
  }
}

/** Calls back with every cell whose middle is inside (an odd number of times within a ring). */
function inside({ rings }: Outline, mark: (row: number, column: number) => void): void {
  const crossings = new Map<number, number[]>();
  for (const ring of rings) {
    for (const [index, [x1, y1]] of ring.entries()) {
      const [x2, y2] = ring[(index + 1) % ring.length]!;
      const [low, high] = y1 < y2 ? [y1, y2] : [y2, y1];
      for (let row = Math.ceil((low + 90) * CELLS_PER_DEGREE - 0.5); row + 0.5 < (high + 90) * CELLS_PER_DEGREE; row++) {
        const latitude = (row + 0.5) / CELLS_PER_DEGREE - 90;
        if (latitude < low || latitude >= high) continue;
        const at = x1 + ((latitude - y1) / (y2 - y1)) * (x2 - x1);
        crossings.set(row, [...(crossings.get(row) ?? []), at]);
      }
    }
  }
  for (const [row, at] of crossings) {
    at.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < at.length; pair += 2) {
      const first = Math.ceil((at[pair]! + 180) * CELLS_PER_DEGREE - 0.5);
      const last = Math.floor((at[pair + 1]! + 180) * CELLS_PER_DEGREE - 0.5);
      for (let column = first; column <= last; column++) mark(row, ((column % COLUMNS) + COLUMNS) % COLUMNS);
    }
  }
}

/** Calls back with every cell of which some part is within `NEAR_KM` of the point. */
function near([longitude, latitude]: Point, mark: (row: number, column: number) => void): void {
  const reach = NEAR_KM / KM_PER_DEGREE;
  for (let row = rowOf(latitude - reach); row <= rowOf(latitude + reach); row++) {
    const south = row / CELLS_PER_DEGREE - 90;
    const north = south + 1 / CELLS_PER_DEGREE;
    const dy = latitude < south ? south - latitude : latitude > north ? latitude - north : 0;
    if (dy > reach) continue;
    // Meridians come together: the shorter side of the cell is the one away from the equator.
    const widest = Math.cos(radians(Math.min(89.9, Math.max(Math.abs(south), Math.abs(north)))));
    const dx = Math.min(180, Math.sqrt(reach * reach - dy * dy) / widest);
    const from = Math.floor((longitude - dx + 180) * CELLS_PER_DEGREE);
    const to = Math.min(from + COLUMNS - 1, Math.floor((longitude + dx + 180) * CELLS_PER_DEGREE));
    for (let column = from; column <= to; column++) mark(row, ((column % COLUMNS) + COLUMNS) % COLUMNS);
  }
}

const vectorOf = ([longitude, latitude]: Point): readonly [number, number, number] => {
  const [lambda, phi] = [radians(longitude), radians(latitude)];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
};

/** Gives cells that have no country within reach the nearest one, some cells at a time. */
function fillSea(cells: Uint16Array, lists: Lists, outlines: readonly Outline[]): void {
  const shores = outlines.flatMap(({ country, rings }) =>
    rings.flatMap((ring) => Array.from(thinned(ring, NEAREST_STEP_KM), (point) => ({ country, vector: vectorOf(point) }))),
  );
  for (let row = 0; row < ROWS; row += COARSE_CELLS) {
    for (let column = 0; column < COLUMNS; column += COARSE_CELLS) {
      const block = Array.from({ length: COARSE_CELLS ** 2 }, (_, index) => {
        return (row + Math.floor(index / COARSE_CELLS)) * COLUMNS + column + (index % COARSE_CELLS);
      }).filter((cell) => cells[cell] === 0);
      if (block.length === 0) continue;
      const half = COARSE_CELLS / 2;
      const [x, y, z] = vectorOf([(column + half) / CELLS_PER_DEGREE - 180, (row + half) / CELLS_PER_DEGREE - 90]);
      let best = { country: "", closeness: -2 };
      for (const { country, vector } of shores) {
        const closeness = vector[0] * x + vector[1] * y + vector[2] * z;
        if (closeness > best.closeness) best = { country, closeness };
      }
      for (const cell of block) cells[cell] = lists.with(0, best.country);
    }
  }
}

export type Grid = {
  /** By cell, rows from south to north and columns from west to east: the number of its list. */
  readonly cells: Uint16Array;
  /** Countries that the cell's middle is in come first, then those that are near. */
  readonly lists: readonly (readonly string[])[];
};

export function gridOf(outlines: readonly Outline[]): Grid {
  const cells = new Uint16Array(ROWS * COLUMNS);
  const lists = new Lists();
  const adding = (country: string) => (row: number, column: number) => {
    const cell = row * COLUMNS + column;
    cells[cell] = lists.with(cells[cell]!, country);
  };
  for (const outline of outlines) inside(outline, adding(outline.country));
  for (const { country, rings } of outlines) {
    const add = adding(country);
    for (const ring of rings) for (const point of along(ring, STEP_KM)) near(point, add);
  }
  fillSea(cells, lists, outlines);
  return { cells, lists: lists.all };
}
