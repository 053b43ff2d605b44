/** In which countries somebody may be. For what their emergency numbers are: a country too many costs little, one too few may cost a life. */
import type { Location } from "../call/call.ts";
import { COUNTRY_LISTS, COUNTRY_ROWS } from "./country-cells.data.ts";
import { CELLS_PER_DEGREE, COLUMNS, LIST_CHARACTERS, NEAR_KM, ROWS, RUN_CHARACTERS, readNumber } from "./country-cells.ts";
import { METRES_PER_DEGREE } from "./earth.ts";

const CODE_LENGTH = 2;

let lists: readonly (readonly string[])[] | null = null;

function listOf(number: number): readonly string[] {
  lists ??= COUNTRY_LISTS.split(" ").map((codes) =>
    Array.from({ length: codes.length / CODE_LENGTH }, (_, at) => codes.slice(at * CODE_LENGTH, (at + 1) * CODE_LENGTH)),
  );
  return lists[number] ?? [];
}

/** A row that is as the one to its south is written as nothing. */
function rowAt(row: number): string {
  let at = row;
  while (at > 0 && COUNTRY_ROWS[at] === "") at--;
  return COUNTRY_ROWS[at] ?? "";
}

/**
 * All countries that are within `NEAR_KM` of the place, and some that are up to a cell (28 km) further; on the high sea the nearest one.
 * Takes about a microsecond.
 * @param latitude WGS 84 degrees, -90 to 90. @param longitude -180 to 180.
 * @returns ISO 3166-1 alpha-2 codes: the one in whose outline the middle of the place's cell is first, then those near it by name. Empty
 * for what is no place.
 */
export function countriesAt(latitude: number, longitude: number): readonly string[] {
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return [];
  const text = rowAt(Math.min(ROWS - 1, Math.floor((latitude + 90) * CELLS_PER_DEGREE)));
  const column = Math.floor((longitude + 180) * CELLS_PER_DEGREE) % COLUMNS;
  const endCharacters = RUN_CHARACTERS - LIST_CHARACTERS;
  let [low, high] = [0, text.length / RUN_CHARACTERS - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (readNumber(text, middle * RUN_CHARACTERS, endCharacters) > column) high = middle;
    else low = middle + 1;
  }
  return listOf(readNumber(text, low * RUN_CHARACTERS + endCharacters, LIST_CHARACTERS));
}

const BEARINGS = Array.from({ length: 8 }, (_, eighth) => (eighth * Math.PI) / 4);
/** Meridians come together at the poles, where a circle goes round all of them. */
const MIN_COSINE = 0.01;

/** Places on a circle that is wider than what counts as near anyhow. */
function rim(latitude: number, longitude: number, radiusM: number): readonly (readonly [number, number])[] {
  const radius = radiusM / METRES_PER_DEGREE;
  const shrinking = Math.max(MIN_COSINE, Math.cos((latitude * Math.PI) / 180));
  return BEARINGS.map((bearing) => {
    const east = longitude + (Math.sin(bearing) * radius) / shrinking;
    return [Math.max(-90, Math.min(90, latitude + Math.cos(bearing) * radius)), ((((east + 180) % 360) + 360) % 360) - 180];
  });
}

/** The country that a civic location names, those around a geodetic one and around the rim of its uncertainty; none for no location. */
export function countriesOf(location: Location | null): readonly string[] {
  if (location === null) return [];
  if (location.type === "civic") return [location.country];
  const { latitude, longitude, uncertaintyM = 0 } = location;
  const middle = countriesAt(latitude, longitude);
  if (uncertaintyM <= NEAR_KM * 1000) return middle;
  return [...new Set([...middle, ...rim(latitude, longitude, uncertaintyM).flatMap((place) => countriesAt(...place))])];
}
