/** `POST /v1/calls` on the standard lane. */
import { Hono } from "hono";
import { parseCall } from "../../contracts/calls.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import { callJson } from "../../contracts/sessions.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { readBody } from "../middleware/read-body.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";
import { givenBack, recogniseOn } from "../recognition.ts";
import { repetitionOf } from "../repetition.ts";
import { type SetUp, setUpCall, setUpProblem } from "../set-up.ts";
import { configured } from "../call-routing.ts";
import { trunkFor, trunkRefusal } from "../trunks.ts";
import { NO_POLICY } from "../../domain/identity/tenant-policy.ts";
import type { Warning } from "../../domain/call/call.ts";

/**
 * 201 for a new session, 200 for one that stands already.
 * @param geolocation where the location of an emergency caller is to be had.
 */
export function answerCall(
  c: AppContext,
  { view, plan, created }: SetUp,
  warnings: readonly Warning[],
  geolocation?: string,
): Response {
  c.header("Location", `/v1/sessions/${view.id}`);
  if (!created) c.header("Idempotent-Replayed", "true");
  return c.json(callJson(view, plan, warnings, geolocation), created ? 201 : 200);
}

export const callRoutes = () =>
  new Hono<AppEnv>().post("/", readBody, requires("calls:create"), async (c) => {
    const body = parseJsonObject(c.get("body"));
    if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
    const principal = c.get("principal");
    const inForce = configured(await c.get("deps").entry(principal.tenant));
    if (inForce === null) return answerProblem(c, { code: "forbidden", detail: "this tenant has no configuration in force" });
    const trunkOf = (requested?: string) => trunkFor(inForce.snapshot, principal, { requested });
    const { to, trunk: requested, location } = body.value;
    const emergency = recogniseOn(
      trunkOf(typeof requested === "string" ? requested : undefined),
      inForce.snapshot,
      to,
      location,
    );
    const back = givenBack(c, emergency);
    if (back !== null) return back;
    const call = parseCall(body.value, principal.tenant, trunkOf);
    if (!call.ok) return answerProblem(c, { code: "invalid_fields", errors: call.error });
    const refusal = trunkRefusal(inForce.snapshot, principal, call.value.trunk, c.get("entry")?.policy ?? NO_POLICY);
    if (refusal !== null) return answerProblem(c, refusal);
    const repetition = await repetitionOf(c, call.value.externalId);
    if (!repetition.ok) return answerProblem(c, repetition.error);
    const setUp = await setUpCall(c, inForce, call.value, emergency, repetition.value);
    if (!setUp.ok) return answerProblem(c, setUpProblem(setUp.error));
    if (!setUp.value.sameRequest && call.value.externalId === null) return answerProblem(c, { code: "idempotency_key_reused" });
    return answerCall(c, setUp.value, call.value.warnings);
  });
