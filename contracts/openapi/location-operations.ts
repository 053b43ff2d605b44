/** Where an emergency caller is, for the answering point. */
import { PIDF_MEDIA_TYPE, pidfLo } from "../../domain/location/pidf-lo.ts";
import { SESSION_ID } from "./call-operations.ts";
import type { Operation } from "./operation.ts";
import { inPath, text } from "./parts.ts";

const AT_MS = Date.parse("2026-11-21T15:27:32.309Z");
const UNTIL_MS = Date.parse("2026-11-22T03:27:32.000Z");
const PLACE = { type: "geodetic", latitude: 52.5219, longitude: 13.4132, uncertaintyM: 25 } as const;

const getEmergencyLocation: Operation = {
  id: "getEmergencyLocation",
  method: "get",
  path: "/v1/emergency/locations/{reference}",
  tag: "Calls",
  summary: "Where an emergency caller is",
  description:
    "What the reference in an emergency call's `Geolocation` header leads to (RFC 6442, RFC 6753). The reference is all that it takes; it is good for 12 hours. What the call said of the caller's location comes back as PIDF-LO (RFC 4119, RFC 5491).",
  permission: null,
  proofs: [],
  parameters: [inPath("reference", "As the header has it.", `${SESSION_ID}~tovw9w~8f4e2b1a90c7d6e5f4a3b2c1d0e9f8a7`)],
  answers: [
    {
      status: 200,
      description: "A presence document with one location.",
      content: [
        {
          mediaType: PIDF_MEDIA_TYPE,
          schema: text,
          example: pidfLo(PLACE, `pres:${SESSION_ID}@trunkline.invalid`, { atMs: AT_MS, untilMs: UNTIL_MS }),
        },
      ],
    },
  ],
  problems: ["not_found", "unavailable", "internal"],
};

export const LOCATION_OPERATIONS: readonly Operation[] = [getEmergencyLocation];
