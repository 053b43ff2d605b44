/** The standard Worker's routes. */
import { Hono } from "hono";
import type { AppEnv } from "./context.ts";
import { earlyReportRoutes } from "./early-reports.ts";
import { observe } from "./middleware/observe.ts";
import { plainTarget } from "./middleware/plain-target.ts";
import { callRoutes } from "./routes/calls.ts";
import { configRoutes } from "./routes/config/index.ts";
import { publishingRoutes } from "./routes/publishing.ts";
import { routingRoutes } from "./routes/routing.ts";
import { healthRoutes } from "./routes/health.ts";
import { kamailioRoutes } from "./routes/kamailio.ts";
import { tenantRoutes } from "./routes/tenants.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { answerUnexpected, answerUnknownPath } from "./unexpected.ts";

export const standard = () => {
  const app = new Hono<AppEnv>();
  app.use(observe);
  app.use(plainTarget);
  app.route("/", healthRoutes());
  app.route("/v1/calls", callRoutes());
  app.route("/v1/sessions", sessionRoutes());
  app.route("/pbx/kamailio", kamailioRoutes());
  app.route("/v1/routing", routingRoutes());
  app.route("/v1/config", publishingRoutes());
  app.route("/", configRoutes());
  app.route("/", tenantRoutes());
  app.route("/", earlyReportRoutes());
  app.notFound(answerUnknownPath);
  app.onError(answerUnexpected);
  return app;
};
