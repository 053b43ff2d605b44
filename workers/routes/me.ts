/** `GET /v1/me`: who asks, as the service sees them. */
import { Hono } from "hono";
import { meJson } from "../../contracts/people.ts";
import type { AppEnv } from "../context.ts";
import { requiresIdentity } from "../middleware/authenticate.ts";

export const meRoutes = () =>
  new Hono<AppEnv>().get("/", requiresIdentity, (c) => {
    const principal = c.get("principal");
    const isInDirectory = principal.via === "jwt" && c.get("entry")?.users.has(principal.subject) === true;
    return c.json(meJson(principal, isInDirectory), 200, { "Cache-Control": "no-store" });
  });
