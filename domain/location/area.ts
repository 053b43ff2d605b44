/** Whether a caller is in an area for which there is a route. */
import type { Location } from "../call/call.ts";
import type { EmergencyArea } from "../configuration/model.ts";
import { type PreparedRing, areaKm2, isWithin, prepareRing } from "./polygon.ts";

/** An area made ready to be asked. `size` orders areas of one type, the smaller first: square kilometres, or what is left open of an address. */
export type PreparedArea = { readonly size: number } & (
  | { readonly type: "polygon"; readonly ring: PreparedRing }
  | {
      readonly type: "civic";
      readonly country: string;
      /** As `folded` gives it; null: any. */
      readonly region: string | null;
      readonly city: string | null;
      readonly postalCodes: readonly string[];
    }
);

/** A caller's place, made ready once for all areas. */
export type Place =
  | { readonly type: "geodetic"; readonly longitude: number; readonly latitude: number }
  | {
      readonly type: "civic";
      readonly country: string;
      readonly region: string | null;
      readonly city: string | null;
      readonly postalCode: string | null;
    };

const CIVIC_TERMS = 3;
const MARKS = /\p{M}/gu;
const SPACES = /\s+/g;
const SPACES_AND_DASHES = /[\s-]+/g;

/** Names as people write them, made comparable: case, accents and the width of spaces do not count; "ß" is "ss". */
function folded(text: string): string {
  return text.normalize("NFKD").replaceAll(MARKS, "").toUpperCase().replaceAll(SPACES, " ").trim();
}

const foldedCode = (text: string): string => folded(text).replaceAll(SPACES_AND_DASHES, "");
const orNull = (text: string | null | undefined, fold: (text: string) => string): string | null =>
  text === null || text === undefined ? null : fold(text);

export function prepareArea(area: EmergencyArea): PreparedArea {
  if (area.type === "polygon") {
    const ring = prepareRing(area.ring);
    return { type: "polygon", ring, size: areaKm2(ring) };
  }
  const { country, region, city, postalCodes } = area;
  const terms = [region !== null, city !== null, postalCodes.length > 0].filter(Boolean).length;
  return {
    type: "civic",
    country,
    region: orNull(region, folded),
    city: orNull(city, folded),
    postalCodes: postalCodes.map(foldedCode),
    size: CIVIC_TERMS - terms,
  };
}

/** Of a circle its centre counts. */
export function placeOf(location: Location): Place {
  if (location.type === "geodetic") return location;
  const { country, region, city, postalCode } = location;
  return {
    type: "civic",
    country,
    region: orNull(region, folded),
    city: orNull(city, folded),
    postalCode: orNull(postalCode, foldedCode),
  };
}

function hasCode(codes: readonly string[], given: string): boolean {
  return codes.some((code) => (code.endsWith("*") ? given.startsWith(code.slice(0, -1)) : code === given));
}

/** A point is in polygons, an address in areas by address. What an address does not say is in no area that asks for it. */
export function isIn(area: PreparedArea, place: Place): boolean {
  if (area.type === "polygon") return place.type === "geodetic" && isWithin(area.ring, place);
  if (place.type !== "civic" || place.country !== area.country) return false;
  if (area.region !== null && area.region !== place.region) return false;
  if (area.city !== null && area.city !== place.city) return false;
  return area.postalCodes.length === 0 || (place.postalCode !== null && hasCode(area.postalCodes, place.postalCode));
}
