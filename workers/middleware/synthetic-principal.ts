/** The emergency lane as the reader and reporter of its own synthetic calls ([EMG-16]): proven by a token for one request, good for nothing else. */
import { LANE_TOKEN_HEADER, isLaneToken } from "../../adapters/identity/lane-token.ts";
import type { Permission, Principal } from "../../domain/identity/principal.ts";
import type { AppContext } from "../context.ts";

const PERMISSIONS = ["sessions:read", "sessions:report"] as const satisfies readonly Permission[];

/** What a token is for. @param path of a session, without a query. */
export const syntheticPurpose = (method: string, path: string): string => `synthetic ${method} ${path}`;

/** Null: the request is none of the lane's own. Needs no configuration, so that it says what is broken rather than that something is. */
export async function syntheticPrincipal(c: AppContext): Promise<Principal | null> {
  const token = c.req.header(LANE_TOKEN_HEADER);
  const { environment, clock } = c.get("deps");
  const { LANE, STATIC_EMERGENCY, CONFIG_KEY } = environment;
  if (token === undefined || LANE !== "emergency" || STATIC_EMERGENCY === null) return null;
  const purpose = syntheticPurpose(c.req.method, c.req.path);
  if (!(await isLaneToken(token, CONFIG_KEY, purpose, clock.nowMs()))) return null;
  return {
    tenant: STATIC_EMERGENCY.tenant,
    subject: "synthetic",
    roles: [],
    granted: PERMISSIONS,
    scopes: PERMISSIONS,
    via: "api_key",
  };
}
