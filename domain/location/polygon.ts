/** Polygons on the earth, in WGS 84 degrees. Edges are straight in longitude and latitude, as GeoJSON has them (RFC 7946 §3.1.1). */
import { EARTH_RADIUS_M, RADIANS } from "./earth.ts";

export type Point = { readonly longitude: number; readonly latitude: number };
/** Corners as `[longitude, latitude]`; closed by itself. */
export type Ring = readonly (readonly [number, number])[];

const ROUND = 360;
const HALF_ROUND = 180;
const EARTH_RADIUS_KM = EARTH_RADIUS_M / 1_000;

/** A ring made ready to be asked. */
export type PreparedRing = {
  /** Longitude and latitude in turns; longitudes go on beyond 180° where the ring crosses the antimeridian. */
  readonly corners: Float64Array;
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
};

/** Of two ways from one corner to the next round the earth the shorter one is meant: so a ring may cross the antimeridian. */
export function prepareRing(ring: Ring): PreparedRing {
  const corners = new Float64Array(ring.length * 2);
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
  let before: number | null = null;
  ring.forEach(([given, latitude], index) => {
    const turns = before === null ? 0 : Math.round((before - given) / ROUND);
    const longitude = given + turns * ROUND;
    before = longitude;
    corners[2 * index] = longitude;
    corners[2 * index + 1] = latitude;
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  });
  return { corners, west, east, south, north };
}

/** Whether an edge is so wide that it is read as going round the other way. */
export function hasWideEdge(ring: Ring): boolean {
  return ring.some(([longitude], index) => Math.abs(longitude - ring[(index + 1) % ring.length]![0]) > HALF_ROUND);
}

/** Whether the way along the ring ends a turn of the earth away from where it began. */
export function goesRoundPole({ corners }: PreparedRing): boolean {
  return Math.abs(corners[corners.length - 2]! - corners[0]!) > HALF_ROUND;
}

/**
 * By the even-odd rule: where a ring crosses itself, what it goes round twice is outside. Of two areas with a common border a point on it
 * is in one.
 */
export function isWithin(ring: PreparedRing, { longitude, latitude }: Point): boolean {
  if (latitude < ring.south || latitude > ring.north) return false;
  for (const meant of [longitude, longitude + ROUND, longitude - ROUND])
    if (meant >= ring.west && meant <= ring.east && crossesOddly(ring.corners, meant, latitude)) return true;
  return false;
}

/** Counts the edges to the east of the point. */
function crossesOddly(corners: Float64Array, longitude: number, latitude: number): boolean {
  let odd = false;
  for (let at = 0, last = corners.length - 2; at < corners.length; last = at, at += 2) {
    const [x1, y1, x2, y2] = [corners[last]!, corners[last + 1]!, corners[at]!, corners[at + 1]!];
    if (y1 > latitude === y2 > latitude) continue;
    if (longitude < x1 + ((latitude - y1) / (y2 - y1)) * (x2 - x1)) odd = !odd;
  }
  return odd;
}

/** So many square degrees are less than a square metre: a line or a point. */
const MIN_SQUARE_DEGREES = 1e-10;

/** Whether there is nothing inside, or what one loop of a ring takes another gives back. */
export function isFlat({ corners }: PreparedRing): boolean {
  let sum = 0;
  for (let at = 0, last = corners.length - 2; at < corners.length; last = at, at += 2)
    sum += corners[last]! * corners[at + 1]! - corners[at]! * corners[last + 1]!;
  return Math.abs(sum) / 2 < MIN_SQUARE_DEGREES;
}

/** Square kilometres on a sphere: good enough to compare by (Chamberlain and Duquette, "Some algorithms for polygons on a sphere", 2007). */
export function areaKm2({ corners }: PreparedRing): number {
  let sum = 0;
  for (let at = 0, last = corners.length - 2; at < corners.length; last = at, at += 2) {
    const width = (corners[at]! - corners[last]!) * RADIANS;
    sum += width * (2 + Math.sin(corners[last + 1]! * RADIANS) + Math.sin(corners[at + 1]! * RADIANS));
  }
  return Math.abs((sum * EARTH_RADIUS_KM ** 2) / 2);
}
