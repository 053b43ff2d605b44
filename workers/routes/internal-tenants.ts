/**
 * `POST /internal/tenants`: how a tenant, and its first administrator, comes to be. Not for tenants but for whoever runs the deployment
 * and has its configuration key: no tenant can vouch for one that does not exist yet.
 */
import { Hono } from "hono";
import { hashApiKeySecret } from "../../adapters/identity/api-key-check.ts";
import { LANE_TOKEN_HEADER, isLaneToken, tenantPurpose } from "../../adapters/identity/lane-token.ts";
import { apiKeyJson } from "../../contracts/access.ts";
import { parseTenant } from "../../contracts/tenants.ts";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../../domain/identity/api-key.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { auditing } from "../middleware/audited.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { publishAccess } from "../publishing.ts";
import { invalidFields, jsonBody, writeProblem } from "./config/answers.ts";

/** Who made the key, in the records. */
const OPERATOR = "operator";

/** Makes the tenant where there is none, and an administrator's key in any case: whoever lost theirs gets in again. */
async function makeTenant(c: AppContext): Promise<Response> {
  const { clock, environment } = c.get("deps");
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const tenant = parseTenant(body.value);
  if (!tenant.ok) return answerProblem(c, invalidFields(tenant.error));
  const { id, name } = tenant.value;
  const token = c.req.header(LANE_TOKEN_HEADER);
  // Nobody learns from the answer what is here.
  if (!(await isLaneToken(token, environment.CONFIG_KEY, tenantPurpose(id), clock.nowMs())))
    return answerProblem(c, { code: "not_found" });
  const act = {
    tenant: id,
    actor: OPERATOR,
    via: OPERATOR,
    action: "tenants.create",
    resource: `tenants/${id}`,
    requestId: c.get("requestId"),
    sourceIp: c.req.header("cf-connecting-ip") ?? null,
  };
  return auditing(c, act, () => makeAdministrator(c, id, name));
}

async function makeAdministrator(c: AppContext, id: TenantId, name: string): Promise<Response> {
  const { access, randomness, log } = c.get("deps");
  const created = await access.createTenant(id, name);
  const key = mintApiKey(id, randomness.bytes(API_KEY_RANDOM_BYTES));
  const secretHash = await hashApiKeySecret(key.secret);
  const record = {
    id: key.keyId,
    name: "Administrator",
    roles: ["admin"],
    trunk: null,
    scopes: null,
    allowedNetworks: [],
    publicKey: null,
    rotatedFrom: null,
    expiresAtMs: null,
  } as const;
  const made = await access.createApiKey(id, { ...record, createdBy: OPERATOR, secretHash });
  if (!made.ok) return answerProblem(c, writeProblem(made.error, "tenant"));
  await publishAccess(c.get("deps"), id);
  c.set("auditDetail", { created, key: key.keyId });
  log("info", "an operator made an administrator's key", { tenant: id, created, keyId: key.keyId });
  c.header("Cache-Control", "no-store");
  return c.json({ tenant: id, created, ...apiKeyJson(made.value), key: key.text }, 201);
}

export const internalTenantRoutes = () => new Hono<AppEnv>().post("/internal/tenants", readBody, makeTenant);
