/** `/v1/decision-services/{id}/secret`: with which questions to the service are signed. It is derived, and can be shown at any time. */
import { Hono } from "hono";
import { decisionSecret } from "../../../adapters/identity/decision-secrets.ts";
import type { AppEnv } from "../../context.ts";
import { audited } from "../../middleware/audited.ts";
import { answerProblem } from "../../problem.ts";
import { allows, idFrom, notFound } from "./answers.ts";

export const decisionSecretRoutes = () =>
  // Not a GET: what shows a secret is noted in the audit trail, and kept in no cache.
  new Hono<AppEnv>().post("/:id/secret", ...allows("access:manage"), audited("decision-services.show-secret"), async (c) => {
    const { configuration, environment } = c.get("deps");
    const { tenant } = c.get("principal");
    const id = idFrom(c);
    const stored = id === null ? null : await configuration.get(tenant, "decision-services", id);
    if (stored === null) return answerProblem(c, notFound("decision service"));
    const { id: service, secretVersion } = stored.entity;
    const secret = await decisionSecret(environment.CONFIG_KEY, tenant, service, secretVersion);
    c.header("Cache-Control", "no-store");
    return c.json({ id: service, secretVersion, secret });
  });
