/** Shapes of a geodetic location (RFC 5491 §5) as a point, or as the circle that has all of the shape within it. */
import type { Location } from "../call/call.ts";
import { distanceM } from "./distance.ts";
import { type Point, prepareRing } from "./polygon.ts";
import type { XmlElement } from "./xml.ts";

export type GeodeticLocation = Extract<Location, { type: "geodetic" }>;

/** Who may be anywhere within more is nowhere. */
export const MAX_UNCERTAINTY_M = 100_000;

/** From below the deepest mine to where nothing flies. */
export const MIN_ALTITUDE_M = -10_000;
export const MAX_ALTITUDE_M = 100_000;

/** WGS 84 in two and three dimensions; latitude stands first. */
const CRS_2D = "urn:ogc:def:crs:EPSG::4326";
const CRS_3D = "urn:ogc:def:crs:EPSG::4979";
const METRES = "urn:ogc:def:uom:EPSG::9001";

/** Shape → the element that has the radius of a circle round all of it. */
const RADII: Readonly<Record<string, string | null>> = {
  Point: null,
  Circle: "radius",
  Sphere: "radius",
  Ellipse: "semiMajorAxis",
  Ellipsoid: "semiMajorAxis",
  ArcBand: "outerRadius",
};
const OUTLINES = new Set(["Polygon", "Prism"]);

/** A centimetre: what was worked out says no more. */
const STEPS_PER_DEGREE = 1e7;

const SIMPLE_NUMBER = /^[+-]?\d{1,9}(?:\.\d{1,32})?(?:[eE][+-]?\d{1,3})?$/;

/** Numbers with white space between; null when anything else is there. */
function numbersOf(text: string): readonly number[] | null {
  const words = text.trim().split(/\s+/);
  return words.every((word) => SIMPLE_NUMBER.test(word)) ? words.map(Number) : null;
}

/** All elements of the name within, in their order. */
function all({ children }: XmlElement, local: string): readonly XmlElement[] {
  return children.flatMap((child) => (child.local === local ? [child] : all(child, local)));
}

/** 2 or 3; null: not in WGS 84. Where nothing is said it is. */
function dimensionOf(...elements: readonly XmlElement[]): 2 | 3 | null {
  const crs = elements.map(({ attributes }) => attributes.get("srsName")).find((name) => name !== undefined) ?? CRS_2D;
  if (crs === CRS_3D) return 3;
  return crs === CRS_2D ? 2 : null;
}

type Position = Point & { readonly altitudeM?: number };

function positionOf(numbers: readonly number[], dimension: 2 | 3): Position | null {
  const [latitude, longitude, altitudeM] = numbers;
  if (latitude === undefined || longitude === undefined || numbers.length > 3) return null;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  const isHigh = dimension === 3 && altitudeM !== undefined && altitudeM >= MIN_ALTITUDE_M && altitudeM <= MAX_ALTITUDE_M;
  return isHigh ? { latitude, longitude, altitudeM } : { latitude, longitude };
}

function radiusOf(shape: XmlElement, name: string): number | null {
  const [element] = all(shape, name);
  const [radius] = element === undefined ? [] : (numbersOf(element.text) ?? []);
  const inMetres = (element?.attributes.get("uom") ?? METRES) === METRES;
  return radius === undefined || radius < 0 || !inMetres ? null : Math.min(radius, MAX_UNCERTAINTY_M);
}

/** @returns null for what is no shape, or none that can be read. */
export function readShape(shape: XmlElement): GeodeticLocation | null {
  if (OUTLINES.has(shape.local)) return readOutline(shape);
  const radiusName = RADII[shape.local];
  if (radiusName === undefined) return null;
  const [pos] = all(shape, "pos");
  const dimension = pos === undefined ? null : dimensionOf(pos, shape);
  const numbers = pos === undefined ? null : numbersOf(pos.text);
  const position = numbers === null || dimension === null ? null : positionOf(numbers, dimension);
  const uncertaintyM = radiusName === null ? null : radiusOf(shape, radiusName);
  if (position === null || (radiusName !== null && uncertaintyM === null)) return null;
  return { type: "geodetic", ...position, ...(uncertaintyM === null ? {} : { uncertaintyM }) };
}

/** The corners of an outline; null when one of them cannot be read. */
function cornersOf(shape: XmlElement): readonly Point[] | null {
  const lists = all(shape, "posList");
  const dimension = dimensionOf(...lists, ...all(shape, "pos"), shape, ...all(shape, "Polygon"));
  if (dimension === null) return null;
  const written = all(shape, "pos").map(({ text }) => numbersOf(text));
  for (const { text } of lists) {
    const numbers = numbersOf(text) ?? [];
    for (let at = 0; at < numbers.length; at += dimension) written.push(numbers.slice(at, at + dimension));
  }
  const corners = written.map((numbers) => (numbers === null ? null : positionOf(numbers, dimension)));
  return corners.length === 0 || corners.includes(null) ? null : (corners as readonly Point[]);
}

const rounded = (degrees: number): number => Math.round(degrees * STEPS_PER_DEGREE) / STEPS_PER_DEGREE;
const withinTurn = (longitude: number): number => {
  if (longitude > 180) return longitude - 360;
  return longitude < -180 ? longitude + 360 : longitude;
};

/** The middle of the corners, and a circle as far as the farthest of them. */
function readOutline(shape: XmlElement): GeodeticLocation | null {
  const corners = cornersOf(shape);
  if (corners === null) return null;
  // The middle of its bounds does not depend on how often or where along the outline a corner is said.
  const { west, east, south, north } = prepareRing(corners.map(({ longitude, latitude }) => [longitude, latitude]));
  const centre = { latitude: rounded((south + north) / 2), longitude: rounded(withinTurn((west + east) / 2)) };
  const farthestM = Math.max(...corners.map((corner) => distanceM(centre, corner)));
  return { type: "geodetic", ...centre, uncertaintyM: Math.min(Math.ceil(farthestM), MAX_UNCERTAINTY_M) };
}

/** A point, a circle, or with an altitude a sphere, in GML. */
export function shapeElement({ latitude, longitude, uncertaintyM, altitudeM }: GeodeticLocation): string {
  const srs = `srsName="${altitudeM === undefined ? CRS_2D : CRS_3D}"`;
  const pos = `<gml:pos>${latitude} ${longitude}${altitudeM === undefined ? "" : ` ${altitudeM}`}</gml:pos>`;
  if (uncertaintyM === undefined || uncertaintyM === 0) return `<gml:Point ${srs}>${pos}</gml:Point>`;
  const name = altitudeM === undefined ? "gs:Circle" : "gs:Sphere";
  return `<${name} ${srs}>${pos}<gs:radius uom="${METRES}">${uncertaintyM}</gs:radius></${name}>`;
}
