import { z } from "zod";
import type { EmergencyRoute } from "../../domain/configuration/model.ts";
import { parseServiceUrn } from "../../domain/numbers/service-urn.ts";
import { destinationIds, entityId, trunkId } from "./fields.ts";

const EMERGENCY = "urn:service:sos.";
export const DEFAULT_NUMBER_FOR_URN = "112";

/** Lower case, as calls are compared. */
export const subService = z
  .string()
  .max(128)
  .refine((text) => text.startsWith(EMERGENCY) && parseServiceUrn(text) === text, "urn:service:sos.… in lower case (RFC 5031)");

export const emergencyRouteSchema = z.strictObject({
  id: entityId,
  trunk: trunkId.nullable().default(null),
  service: subService.nullable().default(null),
  destinations: destinationIds,
  numberForUrn: z
    .string()
    .regex(/^\d{3,6}$/, "3 to 6 digits")
    .default(DEFAULT_NUMBER_FOR_URN),
}) satisfies z.ZodType<EmergencyRoute>;
