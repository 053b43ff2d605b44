/** `/v1/settings`: one per tenant. */
import { Hono } from "hono";
import { entityJson, parseEntity } from "../../../contracts/configuration/entities.ts";
import type { AppEnv } from "../../context.ts";
import { audited } from "../../middleware/audited.ts";
import { answerProblem } from "../../problem.ts";
import { allows, answerResource, invalidFields, jsonBody, readEntityBody, writeProblem } from "./answers.ts";
import { expectedBy } from "./preconditions.ts";

/** The one that there is; ports ask for a name. */
const SETTINGS_ID = "settings";

export const settingsRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("config:read"), async (c) => {
      const stored = await c.get("deps").configuration.get(c.get("principal").tenant, "settings", SETTINGS_ID);
      if (stored === null) return answerProblem(c, { code: "not_found", detail: "there are no settings yet" });
      return answerResource(c, stored.revision, entityJson("settings", stored.entity));
    })
    .put("/", ...allows("config:write"), readEntityBody, audited("settings.replace"), async (c) => {
      const { configuration } = c.get("deps");
      const { tenant } = c.get("principal");
      const body = jsonBody(c);
      if (!body.ok) return answerProblem(c, body.error);
      const settings = parseEntity("settings", body.value);
      if (!settings.ok) return answerProblem(c, invalidFields(settings.error));
      const current = async () => (await configuration.get(tenant, "settings", SETTINGS_ID))?.revision ?? null;
      const expected = await expectedBy(c, current);
      if (!expected.ok) return answerProblem(c, expected.error);
      const written = await configuration.put(tenant, "settings", settings.value, expected.value);
      if (!written.ok) return answerProblem(c, writeProblem(written.error, "tenant"));
      const { stored, created } = written.value;
      return answerResource(c, stored.revision, entityJson("settings", stored.entity), created ? 201 : 200);
    });
