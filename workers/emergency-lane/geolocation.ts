/** By which an answering point asks where the caller is (RFC 6442 §4.1, RFC 6753). */
import { LOCATION_REFERENCE_MS, locationReference } from "../../adapters/identity/location-reference.ts";
import type { Call } from "../../domain/call/call.ts";
import type { SessionId } from "../../domain/shared/ids.ts";
import type { AppContext } from "../context.ts";
import { LOCATION_PATH } from "../routes/emergency-locations.ts";

/** A URL of the host by which the request came, good for `LOCATION_REFERENCE_MS`; undefined: nobody has said where the caller is. */
export async function geolocationOf(
  c: AppContext,
  session: SessionId,
  location: Call["location"],
): Promise<string | undefined> {
  if (location === null) return undefined;
  const { environment, clock } = c.get("deps");
  const reference = await locationReference(environment.CONFIG_KEY, session, clock.nowMs() + LOCATION_REFERENCE_MS);
  return new URL(`${LOCATION_PATH}/${reference}`, c.req.url).href;
}
