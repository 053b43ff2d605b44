/** The elements of a civic address (RFC 5139) and the members of ours that say the same. */
import type { Location } from "../call/call.ts";
import type { XmlElement } from "./xml.ts";
import { escapeXml } from "./xml.ts";

export type CivicLocation = Extract<Location, { type: "civic" }>;
type Term = Exclude<keyof CivicLocation, "type">;

/** Characters of one term. */
export const MAX_CIVIC_TEXT = 128;

/** In the order that the schema wants (RFC 5139 §3.6). */
const WRITTEN: readonly (readonly [element: string, term: Term])[] = [
  ["country", "country"],
  ["A1", "region"],
  ["A2", "county"],
  ["A3", "city"],
  ["A4", "district"],
  ["RD", "street"],
  ["HNO", "houseNumber"],
  ["LOC", "details"],
  ["FLR", "floor"],
  ["NAM", "place"],
  ["PC", "postalCode"],
  ["BLD", "building"],
  ["UNIT", "unit"],
  ["ROOM", "room"],
];

/** Elements that make one term together, as they are spoken: "North Main Street", "12 b". The first list of which anything is there counts. */
const READ: Readonly<Record<Term, readonly (readonly string[])[]>> = {
  country: [["country"]],
  region: [["A1"]],
  county: [["A2"]],
  city: [["A3"]],
  district: [["A4"], ["A5"]],
  street: [["PRM", "PRD", "RD", "STS", "POD", "POM"], ["A6"]],
  houseNumber: [["HNO", "HNS"]],
  details: [["LOC"], ["LMK"]],
  floor: [["FLR"]],
  place: [["NAM"]],
  postalCode: [["PC"]],
  building: [["BLD"]],
  unit: [["UNIT"]],
  room: [["ROOM"]],
};
const COUNTRY = /^[A-Z]{2}$/;
const TERMS = Object.keys(READ) as readonly Term[];

/**
 * @param element `civicAddress`; what we have no member for is left out.
 * @returns null where it does not say which country it is in.
 */
export function readCivic({ children }: XmlElement): CivicLocation | null {
  const said = new Map(children.map(({ local, text }) => [local, text.replaceAll(/\s+/g, " ").trim()]));
  const termOf = (term: Term): string | undefined => {
    for (const names of READ[term]) {
      const text = names.flatMap((name) => said.get(name) || []).join(" ");
      if (text !== "") return text.slice(0, MAX_CIVIC_TEXT);
    }
    return undefined;
  };
  const terms = Object.fromEntries(TERMS.flatMap((term) => (termOf(term) === undefined ? [] : [[term, termOf(term)]])));
  const { country, ...rest } = terms as Partial<Record<Term, string>>;
  const code = country?.toUpperCase();
  return code === undefined || !COUNTRY.test(code) ? null : { type: "civic", country: code, ...rest };
}

export function civicElements(location: CivicLocation): string {
  return WRITTEN.flatMap(([element, term]) => {
    const text = location[term];
    return text === undefined ? [] : [`<ca:${element}>${escapeXml(text)}</ca:${element}>`];
  }).join("");
}
