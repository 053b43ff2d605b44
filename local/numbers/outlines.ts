/** The countries' outlines, as Natural Earth has them in the TopoJSON of `world-atlas` (https://github.com/topojson/topojson-specification). */

export type Point = readonly [longitude: number, latitude: number];
/** A country or territory and its rings, of which an odd number lies around what belongs to it. Longitudes may go beyond 180°. */
export type Outline = { readonly country: string; readonly rings: readonly (readonly Point[])[] };

type Arcs = readonly (readonly (readonly number[])[])[];
type Geometry = {
  readonly type: string;
  readonly id?: string;
  readonly arcs?: readonly unknown[];
  readonly properties: { readonly name: string };
};
export type Topology = {
  readonly transform: { readonly scale: Point; readonly translate: Point };
  readonly arcs: Arcs;
  readonly objects: { readonly countries: { readonly geometries: readonly Geometry[] } };
};

/** Areas without a code of their own, or that more than one side serves: whose numbers may reach somebody there. */
const WITHOUT_CODE: Readonly<Record<string, readonly string[]>> = {
  Akrotiri: ["CY"],
  "Bajo Nuevo Bank": ["CO"],
  Baikonur: ["KZ"],
  "Clipperton I.": ["PF"],
  "Coral Sea Is.": ["AU"],
  "Cyprus U.N. Buffer Zone": ["CY", "TR"],
  Dhekelia: ["CY"],
  Kosovo: ["XK"],
  "N. Cyprus": ["CY", "TR"],
  "Scarborough Reef": ["PH"],
  "Serranilla Bank": ["CO"],
  "Siachen Glacier": ["IN", "PK"],
  Somaliland: ["SO"],
  "Spratly Is.": ["PH", "VN"],
  "USNB Guantanamo Bay": ["CU", "US"],
};

/** Parts that Natural Earth draws with their state and that have numbers of their own: west, south, east, north in degrees. */
const PARTS: readonly {
  readonly of: string;
  readonly country: string;
  readonly within: readonly [number, number, number, number];
}[] = [
  { of: "FR", country: "GF", within: [-55, 2, -51, 6] },
  { of: "FR", country: "GP", within: [-62, 15.8, -60.9, 16.6] },
  { of: "FR", country: "MQ", within: [-61.4, 14.3, -60.7, 15] },
  { of: "FR", country: "RE", within: [55, -21.5, 56, -20.7] },
  { of: "FR", country: "YT", within: [44.9, -13.1, 45.4, -12.5] },
  { of: "NL", country: "BQ", within: [-69, 11.9, -62, 18] },
  { of: "NO", country: "SJ", within: [-10, 70.7, 35, 82] },
  { of: "NO", country: "NO", within: [4, 57, 32, 71.5] },
  { of: "SH", country: "AC", within: [-15, -9, -14, -7] },
  { of: "SH", country: "TA", within: [-13, -41, -9, -36] },
  { of: "Indian Ocean Ter.", country: "CX", within: [105, -11, 106, -10] },
  { of: "Indian Ocean Ter.", country: "CC", within: [96, -13, 98, -11] },
  { of: "NZ", country: "TK", within: [-174, -10, -171, -8] },
];

/** ISO 3166-1 numeric to alpha-2, by the aliases of territories that ICU knows. */
function alpha2Of(numeric: string): string | null {
  const { region } = new Intl.Locale(`und-${numeric}`);
  return region !== undefined && /^[A-Z]{2}$/.test(region) ? region : null;
}

function countriesOf({ id, properties }: Geometry, ring: readonly Point[]): readonly string[] {
  const whole = id === undefined ? null : alpha2Of(id);
  const [longitude, latitude] = ring[0]!;
  const part = PARTS.findLast(
    ({ of, within: [west, south, east, north] }) =>
      (of === whole || of === properties.name) &&
      longitude >= west &&
      longitude <= east &&
      latitude >= south &&
      latitude <= north,
  );
  if (part !== undefined) return [part.country];
  const countries = whole === null ? WITHOUT_CODE[properties.name] : [whole];
  if (countries === undefined)
    throw new Error(`"${properties.name}" has no code: say in local/numbers/outlines.ts whose it is`);
  return countries;
}

/** Arcs are differences in whole steps; a negative index is an arc backwards. */
function arcReader({ arcs, transform: { scale, translate } }: Topology): (index: number) => readonly Point[] {
  const read = arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map(([dx, dy]): Point => {
      x += dx!;
      y += dy!;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
  return (index) => (index < 0 ? read[~index]!.toReversed() : read[index]!);
}

/** Lists of lists of arc indexes, however deep: polygons are one deeper than rings, and multipolygons one more. */
function ringsOf(arcs: readonly unknown[]): readonly (readonly number[])[] {
  if (arcs.every((each) => typeof each === "number")) return [arcs];
  return arcs.flatMap((each) => (Array.isArray(each) ? ringsOf(each) : []));
}

const ROUND = 360;
const SOUTH_POLE = -90;

/** Longitudes that go on beyond 180° where the ring crosses that meridian; a ring round the pole is led over it. */
function unrolled(ring: readonly Point[]): readonly Point[] {
  let before = ring[0]![0];
  const points = ring.map(([longitude, latitude]): Point => {
    before = longitude + Math.round((before - longitude) / ROUND) * ROUND;
    return [before, latitude];
  });
  const [first, last] = [points[0]!, points.at(-1)!];
  return first[0] === last[0] ? points : [...points, [last[0], SOUTH_POLE], [first[0], SOUTH_POLE]];
}

/** @returns one outline per country or territory, by code. */
export function outlinesOf(topology: Topology): readonly Outline[] {
  const arc = arcReader(topology);
  const found = new Map<string, (readonly Point[])[]>();
  for (const geometry of topology.objects.countries.geometries) {
    for (const indexes of ringsOf(geometry.arcs ?? [])) {
      const ring = indexes.flatMap(arc);
      if (ring.length === 0) continue;
      for (const country of countriesOf(geometry, ring)) {
        const rings = found.get(country) ?? [];
        found.set(country, [...rings, unrolled(ring)]);
      }
    }
  }
  return [...found].map(([country, rings]) => ({ country, rings })).sort((a, b) => (a.country < b.country ? -1 : 1));
}
