/** Distances on the earth. */
import { EARTH_RADIUS_M, RADIANS } from "./earth.ts";
import type { Point } from "./polygon.ts";

/** Metres between two points on a sphere, by the haversine formula. */
export function distanceM(a: Point, b: Point): number {
  const height = Math.sin(((b.latitude - a.latitude) * RADIANS) / 2) ** 2;
  const width = Math.sin(((b.longitude - a.longitude) * RADIANS) / 2) ** 2;
  const sum = height + Math.cos(a.latitude * RADIANS) * Math.cos(b.latitude * RADIANS) * width;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(sum)));
}
