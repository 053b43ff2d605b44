import { z } from "zod";
import type { EmergencyArea, EmergencyRoute } from "../../domain/configuration/model.ts";
import { parseServiceUrn } from "../../domain/numbers/service-urn.ts";
import { country, destinationIds, entityId, plainText, setOf, trunkId } from "./fields.ts";
import { MAX_AREA_POINTS, MAX_COUNTRIES, MAX_LABEL, MAX_POSTAL_CODES } from "./limits.ts";

const EMERGENCY = "urn:service:sos.";
export const DEFAULT_NUMBER_FOR_URN = "112";

/** Lower case, as calls are compared. */
export const subService = z
  .string()
  .max(128)
  .refine((text) => text.startsWith(EMERGENCY) && parseServiceUrn(text) === text, "urn:service:sos.… in lower case (RFC 5031)");

const degrees = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const place = plainText(MAX_LABEL).min(1).nullable().default(null);
const postalCode = z.string().regex(/^[A-Z0-9][A-Z0-9 -]{0,15}\*?$/, "letters, digits, spaces and dashes; a prefix ends in *");

const area = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("polygon"), ring: z.array(degrees).min(3).max(MAX_AREA_POINTS) }),
  z.strictObject({
    type: z.literal("civic"),
    country,
    region: place,
    city: place,
    postalCodes: setOf(postalCode, MAX_POSTAL_CODES).default([]),
  }),
]) satisfies z.ZodType<EmergencyArea>;

export const emergencyRouteSchema = z.strictObject({
  id: entityId,
  trunk: trunkId.nullable().default(null),
  service: subService.nullable().default(null),
  countries: setOf(country, MAX_COUNTRIES).default([]),
  area: area.nullable().default(null),
  calendar: z
    .strictObject({ id: entityId, is: z.enum(["open", "closed"]) })
    .nullable()
    .default(null),
  destinations: destinationIds,
  parallel: z.boolean().default(false),
  numberForUrn: z
    .string()
    .regex(/^\d{3,6}$/, "3 to 6 digits")
    .default(DEFAULT_NUMBER_FOR_URN),
}) satisfies z.ZodType<EmergencyRoute>;
