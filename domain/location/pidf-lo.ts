/** Locations as presence documents: PIDF-LO (RFC 4119), its shapes and rules of use (RFC 5491), its addresses (RFC 5139). */
import type { Location } from "../call/call.ts";
import { type CivicLocation, civicElements, readCivic } from "./civic-elements.ts";
import { type GeodeticLocation, readShape, shapeElement } from "./shapes.ts";
import { type XmlElement, escapeXml, readXml } from "./xml.ts";

/** Of the document as UTF-8. An address and a shape take a tenth of it. */
export const MAX_PIDF_BYTES = 16 * 1024;

export const PIDF_MEDIA_TYPE = "application/pidf+xml";

const PIDF = "urn:ietf:params:xml:ns:pidf";
const NAMESPACES = [
  ["", PIDF],
  [":dm", "urn:ietf:params:xml:ns:pidf:data-model"],
  [":gp", "urn:ietf:params:xml:ns:pidf:geopriv10"],
  [":gbp", "urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"],
  [":ca", "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"],
  [":gml", "http://www.opengis.net/gml"],
  [":gs", "http://www.opengis.net/pidflo/1.0"],
] as const;

/** What stands in a location-info, the first that can be read first. */
function readInfo({ children }: XmlElement): Location | null {
  for (const child of children) {
    const location: GeodeticLocation | CivicLocation | null =
      child.local === "civicAddress" || child.local === "civilAddress" ? readCivic(child) : readShape(child);
    if (location !== null) return location;
  }
  return null;
}

/** Which part of a presence document goes before which (RFC 5491 §3.4); whatever else there is comes after them. */
const PARTS = ["device", "tuple", "person"];

/** Where each counts by its kind first, then by its place in the document. */
function inOrder(children: readonly XmlElement[]): readonly XmlElement[] {
  const rank = ({ local }: XmlElement): number => (PARTS.includes(local) ? PARTS.indexOf(local) : PARTS.length);
  return children.toSorted((one, other) => rank(one) - rank(other));
}

function readWithin(element: XmlElement): Location | null {
  if (element.local === "location-info") return readInfo(element);
  for (const child of element.children) {
    const location = readWithin(child);
    if (location !== null) return location;
  }
  return null;
}

/** Beneath the root prefixes are not looked up: nothing in a presence document has these names and means something else. */
function isPresence({ name, local, attributes }: XmlElement): boolean {
  const prefix = name.slice(0, -local.length).replace(/:$/, "");
  return local === "presence" && attributes.get(prefix === "" ? "xmlns" : `xmlns:${prefix}`) === PIDF;
}

/**
 * The first location that can be read: of a device, else of a tuple, else of a person (RFC 5491 §3.4). A shape with an outline becomes the circle round it.
 * @param text at most `MAX_PIDF_BYTES`.
 * @returns null for what is no such document, or has no location in WGS 84 or by address that can be read.
 */
export function readPidfLo(text: string): Location | null {
  const root = readXml(text);
  return root === null || !isPresence(root) ? null : readWithin({ ...root, children: inOrder(root.children) });
}

export type PidfTimes = {
  /** When the location was told, Unix milliseconds. */
  readonly atMs: number;
  /** Until when whoever reads it may keep it, where its own law does not say otherwise. */
  readonly untilMs: number;
};

/**
 * A presence document with one location, of the caller's device.
 * @param entity a URI that stands for the caller.
 */
export function pidfLo(location: Location, entity: string, { atMs, untilMs }: PidfTimes): string {
  const namespaces = NAMESPACES.map(([prefix, uri]) => ` xmlns${prefix}="${uri}"`).join("");
  const place =
    location.type === "geodetic" ? shapeElement(location) : `<ca:civicAddress>${civicElements(location)}</ca:civicAddress>`;
  // Who answers an emergency passes on where it is.
  const rules = `<gbp:retransmission-allowed>true</gbp:retransmission-allowed><gbp:retention-expiry>${iso(untilMs)}</gbp:retention-expiry>`;
  const info = `<gp:location-info>${place}</gp:location-info><gp:usage-rules>${rules}</gp:usage-rules>`;
  const device = `<gp:geopriv>${info}</gp:geopriv><dm:deviceID>${escapeXml(entity)}</dm:deviceID><dm:timestamp>${iso(atMs)}</dm:timestamp>`;
  const presence = `<presence${namespaces} entity="${escapeXml(entity)}"><dm:device id="caller">${device}</dm:device></presence>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${presence}\n`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
