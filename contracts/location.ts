/** Where a caller is: geodetic, civic, or a presence document with a location (PIDF-LO) by value, which is read into one of the two. */
import { z } from "zod";
import type { Location } from "../domain/call/call.ts";
import { MAX_CIVIC_TEXT } from "../domain/location/civic-elements.ts";
import { MAX_PIDF_BYTES, readPidfLo } from "../domain/location/pidf-lo.ts";
import { MAX_ALTITUDE_M, MAX_UNCERTAINTY_M, MIN_ALTITUDE_M } from "../domain/location/shapes.ts";

const text = z.string().min(1).max(MAX_CIVIC_TEXT);

/** Geodetic in WGS 84 degrees, or civic in the terms of RFC 5139. As locations are answered. */
export const placeSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("geodetic"),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    uncertaintyM: z.number().min(0).max(MAX_UNCERTAINTY_M).optional(),
    altitudeM: z.number().min(MIN_ALTITUDE_M).max(MAX_ALTITUDE_M).optional(),
  }),
  z.object({
    type: z.literal("civic"),
    country: z.string().regex(/^[A-Z]{2}$/, "ISO 3166-1 alpha-2"),
    region: text.optional(),
    county: text.optional(),
    city: text.optional(),
    district: text.optional(),
    street: text.optional(),
    houseNumber: text.optional(),
    postalCode: text.optional(),
    place: text.optional(),
    building: text.optional(),
    unit: text.optional(),
    floor: text.optional(),
    room: text.optional(),
    details: text.optional(),
  }),
]) satisfies z.ZodType<Location>;

/** The document's text; null for what is no document. */
function pidfText(raw: unknown): string | null {
  if (typeof raw === "string") return raw;
  if (typeof raw !== "object" || raw === null) return null;
  const { type, xml } = raw as Record<string, unknown>;
  return type === "pidf-lo" && typeof xml === "string" ? xml : null;
}

const xml = { type: "string", maxLength: MAX_PIDF_BYTES, description: "PIDF-LO (RFC 4119, RFC 5491) as XML." } as const;

/** As locations are taken. */
export const locationSchema = z
  .preprocess((raw, context) => {
    const given = pidfText(raw);
    if (given === null) return raw;
    const isShort = given.length <= MAX_PIDF_BYTES && new TextEncoder().encode(given).length <= MAX_PIDF_BYTES;
    const location = isShort ? readPidfLo(given) : null;
    if (location !== null) return location;
    const message = isShort
      ? "is no PIDF-LO with a location in WGS 84 or a civic address with its country"
      : `is longer than ${MAX_PIDF_BYTES} bytes`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }, placeSchema)
  .meta({
    alsoTakes: {
      anyOf: [xml, { type: "object", properties: { type: { const: "pidf-lo" }, xml }, required: ["type", "xml"] }],
    },
  });

/** What has something wrong in it, and what is left without that. */
export type Salvaged = { readonly location: Location | null; readonly dropped: readonly string[] };

/**
 * As much of a location as can be used: a floor that is malformed does not cost the address.
 * @returns the names of the members that were left out; where nothing is left, none.
 */
export function salvageLocation(raw: unknown): Salvaged {
  const whole = locationSchema.safeParse(raw);
  if (whole.success) return { location: whole.data, dropped: [] };
  const bad = new Set(whole.error.issues.map(({ path: [first] }) => String(first)));
  if (typeof raw !== "object" || raw === null) return { location: null, dropped: [] };
  const rest = locationSchema.safeParse(Object.fromEntries(Object.entries(raw).filter(([name]) => !bad.has(name))));
  return rest.success ? { location: rest.data, dropped: [...bad] } : { location: null, dropped: [] };
}
