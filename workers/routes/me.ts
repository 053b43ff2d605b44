/** `GET /v1/me`: who asks, as the service sees them. */
import { Hono } from "hono";
import { meJson } from "../../contracts/people.ts";
import type { AppEnv } from "../context.ts";
import { requiresIdentity } from "../middleware/authenticate.ts";

export const meRoutes = () =>
  new Hono<AppEnv>().get("/", requiresIdentity, (c) => {
    const principal = c.get("principal");
    const user = c.get("entry")?.users.get(principal.subject);
    const isInDirectory = principal.via === "jwt" && user !== undefined && user.issuer === principal.issuer;
    return c.json(meJson(principal, isInDirectory), 200, { "Cache-Control": "no-store" });
  });
