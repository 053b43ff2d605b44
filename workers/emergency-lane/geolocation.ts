/** By which an answering point asks where the caller is (RFC 6442 §4.1, RFC 6753). */
import { LOCATION_REFERENCE_MS, locationReference } from "../../adapters/identity/location-reference.ts";
import type { AppContext } from "../context.ts";
import { LOCATION_PATH } from "../routes/emergency-locations.ts";
import type { SetUp } from "../set-up.ts";

/**
 * A URL at `PUBLIC_URL`, else at the host by which the request came, good for `LOCATION_REFERENCE_MS`; undefined: nobody has said where the
 * caller is. Of what the session says, whoever asks: a request that repeats a call does not say anew where its caller is.
 */
export async function geolocationOf(c: AppContext, { view }: SetUp): Promise<string | undefined> {
  if ((view.call?.location ?? null) === null) return undefined;
  const { environment, clock } = c.get("deps");
  const reference = await locationReference(environment.CONFIG_KEY, view.id, clock.nowMs() + LOCATION_REFERENCE_MS);
  const base = environment.PUBLIC_URL === "" ? c.req.url : environment.PUBLIC_URL;
  return new URL(`${LOCATION_PATH}/${reference}`, base).href;
}
