/** The REST API of the configuration and of who may act for a tenant. */
import { Hono } from "hono";
import type { AppEnv } from "../../context.ts";
import { apiKeyRoutes } from "./access.ts";
import { decisionSecretRoutes } from "./decision-secrets.ts";
import { draftRoutes } from "./draft.ts";
import { resourceRoutes } from "./resources.ts";
import { settingsRoutes } from "./settings.ts";
import { entryRoutes, rateRoutes, ruleGroupRoutes } from "./tables.ts";
import { trunkSecretRoutes } from "./trunk-secrets.ts";

/** Mounted at the root. */
export const configRoutes = () =>
  new Hono<AppEnv>()
    .route("/v1/settings", settingsRoutes())
    .route("/v1/trunks", trunkSecretRoutes())
    .route("/v1/trunks", resourceRoutes("trunks"))
    .route("/v1/destinations", resourceRoutes("destinations"))
    .route("/v1/routing-rules", ruleGroupRoutes())
    .route("/v1/routing-rules", resourceRoutes("routing-rules"))
    .route("/v1/rate-tables", rateRoutes())
    .route("/v1/rate-tables", resourceRoutes("rate-tables"))
    .route("/v1/calendars", resourceRoutes("calendars"))
    .route("/v1/number-lists", entryRoutes())
    .route("/v1/number-lists", resourceRoutes("number-lists"))
    .route("/v1/profiles", resourceRoutes("profiles"))
    .route("/v1/emergency-routes", resourceRoutes("emergency-routes"))
    .route("/v1/decision-services", decisionSecretRoutes())
    .route("/v1/decision-services", resourceRoutes("decision-services"))
    .route("/v1/config/draft", draftRoutes())
    .route("/v1/api-keys", apiKeyRoutes());
