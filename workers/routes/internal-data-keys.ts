/** `POST /internal/data-keys/rotate`: one batch of encrypting anew, for whoever runs the deployment. */
import { Hono } from "hono";
import { createDataKeys } from "../../adapters/identity/data-keys.ts";
import { connect } from "../../adapters/postgres/client.ts";
import { rotateBatch } from "../../adapters/postgres/rotation/rotate.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import { OPERATOR_PATHS, rotationBody } from "../../contracts/operator.ts";
import type { RotationPart } from "../../domain/privacy/rotation.ts";
import type { AppEnv } from "../context.ts";
import { operatorOnly } from "../middleware/operator-only.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { publishAccess } from "../publishing.ts";

/** What Workers read from the access that is in force, and not from Postgres. */
const IN_FORCE: readonly RotationPart[] = ["trunk_secrets", "webhook_endpoints"];

export const internalDataKeyRoutes = () =>
  new Hono<AppEnv>().post(OPERATOR_PATHS.rotateDataKeys, readBody, operatorOnly, async (c) => {
    const body = parseJsonObject(c.get("body"));
    const asked = rotationBody.safeParse(body.ok ? body.value : null);
    if (!asked.success) return answerProblem(c, { code: "invalid_fields" });
    const deps = c.get("deps");
    const database = connect(c.env.DATABASE_URL, c.env.DATABASE_LOCAL_ENDPOINT || undefined, c.get("deps").guard);
    const batch = await rotateBatch(database, createDataKeys(deps.environment), asked.data);
    const { tenant, part, isCheck } = asked.data;
    // Also where there was nothing to do: what was written before an interruption may not be in force yet.
    if (!isCheck && batch.next === null && IN_FORCE.includes(part)) await publishAccess(deps, tenant);
    return c.json(batch);
  });
