import { z } from "zod";

const MAX_TEXT = 128;
const text = z.string().min(1).max(MAX_TEXT);

/** A caller's place: geodetic in WGS 84 degrees, or civic after RFC 5139. */
export const locationSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("geodetic"),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    uncertaintyM: z.number().min(0).max(100_000).optional(),
  }),
  z.object({
    type: z.literal("civic"),
    country: z.string().regex(/^[A-Z]{2}$/, "ISO 3166-1 alpha-2"),
    region: text.optional(),
    city: text.optional(),
    street: text.optional(),
    houseNumber: text.optional(),
    postalCode: text.optional(),
    floor: text.optional(),
    room: text.optional(),
  }),
]);
