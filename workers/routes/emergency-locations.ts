/**
 * `/v1/emergency/locations/{reference}`: where an emergency caller is, for the answering point that was told the reference (RFC 6442, RFC 6753).
 * Possession is all that it takes. It tells nothing apart: what is wrong, expired, or of a call without a location is not there.
 */
import { Hono } from "hono";
import { laneOfReference, readLocationReference } from "../../adapters/identity/location-reference.ts";
import type { Problem } from "../../contracts/problem.ts";
import { PIDF_MEDIA_TYPE, pidfLo } from "../../domain/location/pidf-lo.ts";
import { laneOf } from "../../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";

export const LOCATION_PATH = "/v1/emergency/locations";

const NO_LOCATION: Problem = { code: "not_found", detail: "there is no such location, or no longer" };
const NO_ANSWER: Problem = { code: "unavailable", detail: "the session could not be reached" };

const referenceOf = (c: AppContext): string => c.req.param("reference") ?? "";

/** Whether the other lane has the session that the reference names. */
export function isOfOtherLane(c: AppContext): boolean {
  const lane = laneOfReference(referenceOf(c));
  return lane !== null && lane !== c.get("deps").environment.LANE;
}

async function getLocation(c: AppContext): Promise<Response> {
  const { environment, clock, sessions } = c.get("deps");
  const reference = await readLocationReference(environment.CONFIG_KEY, referenceOf(c), clock.nowMs());
  if (reference === null || laneOf(reference.session) !== environment.LANE) return answerProblem(c, NO_LOCATION);
  const { session, untilMs } = reference;
  c.set("sessionId", session);
  const view = await sessions.view(session);
  if (!view.ok) return answerProblem(c, NO_ANSWER);
  const location = view.value?.call?.location ?? null;
  if (view.value === null || location === null) return answerProblem(c, NO_LOCATION);
  // Not the caller's number: whoever finds the document learns where somebody was, not who.
  const text = pidfLo(location, `pres:${session}@trunkline.invalid`, { atMs: view.value.createdMs, untilMs });
  return c.body(text, 200, { "Content-Type": PIDF_MEDIA_TYPE, "Cache-Control": "no-store" });
}

export const emergencyLocationRoutes = () => new Hono<AppEnv>().get("/:reference", getLocation);
