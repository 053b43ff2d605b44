/** The earth, taken for a sphere. */

/** Mean radius, metres (IUGG). */
export const EARTH_RADIUS_M = 6_371_008.8;
/** In a degree. */
export const RADIANS = Math.PI / 180;
/** Along a meridian. */
export const METRES_PER_DEGREE = EARTH_RADIUS_M * RADIANS;
