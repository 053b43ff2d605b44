/**
 * What every answer tells browsers: that it is data and nothing else, for nobody else, and that only HTTPS leads here. A page of ours, such as
 * the documentation, says itself what it may load.
 */
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../context.ts";

/** Two years, as browsers' lists ask for (RFC 6797 §6.1.1). */
const HSTS = "max-age=63072000";
const DATA_ONLY = "default-src 'none'; frame-ancestors 'none'";

export const securityHeaders = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  // An upgrade is no answer that a browser shows, and what was handed on carries those of the lane that served it.
  if (c.res.status === 101 || c.get("handedOn") === true) return;
  const { headers } = c.res;
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "no-referrer");
  headers.set("Strict-Transport-Security", HSTS);
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  if (!headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", DATA_ONLY);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
});
