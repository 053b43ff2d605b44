/** `/v1/routing`: why a call goes where it goes, and what another configuration would have done. */
import { Hono } from "hono";
import { parseCall } from "../../contracts/calls.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import { type ExplainRequest, looksJson, parseExplain, parseReplay } from "../../contracts/routing.ts";
import { planJson } from "../../contracts/sessions.ts";
import { may } from "../../domain/identity/principal.ts";
import { decideEmergency } from "../../domain/routing/emergency.ts";
import { aboutCall } from "../../domain/routing/emergency-about.ts";
import { explain } from "../../domain/routing/explain.ts";
import { freshSessionId } from "../../domain/shared/ids.ts";
import { routingCallOf } from "../call-routing.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { JSON_LINES, jsonLines } from "../json-lines.ts";
import { readBody } from "../middleware/read-body.ts";
import { type OpenVersion, openVersion, planOrMissing } from "../open-version.ts";
import { answerProblem } from "../problem.ts";
import { recogniseOn } from "../recognition.ts";
import { NO_STATIC_ROUTES } from "../set-up.ts";
import { allows } from "./config/answers.ts";
import { replay } from "../replay.ts";

/** A version whose chunks are smaller together is gone through rule by rule; of a larger one, the rules that its indexes reach. */
const MAX_WHOLE_BYTES = 4 * 1024 * 1024;

async function explanation(c: AppContext, version: OpenVersion, request: ExplainRequest): Promise<Response> {
  const { clock, randomness } = c.get("deps");
  const { tenant } = c.get("principal");
  const { router, core } = version;
  const trunkOf = (requested?: string) => router.trunk(requested ?? router.settings.defaultTrunk);
  const parsed = parseCall(request.call, tenant, trunkOf);
  if (!parsed.ok) {
    const errors = parsed.error.map((error) => ({ ...error, pointer: `/call${error.pointer}` }));
    return answerProblem(c, { code: "invalid_fields", errors });
  }
  const atMs = request.at ?? clock.nowMs();
  // A call that is asked about has no session: chance falls anew for each question, as it would for each call.
  const session = freshSessionId(atMs, randomness.bytes(16), "standard");
  const call = routingCallOf(parsed.value, session, 0);
  const emergency = recogniseOn(router.trunk(call.trunk), version, request.call["to"], request.call["location"]);
  if (emergency !== null) {
    // No rule has a say in it.
    const plan = decideEmergency(router, NO_STATIC_ROUTES, emergency, aboutCall(parsed.value, atMs));
    const notes = [{ tag: "emergency", service: emergency.service }];
    return c.json({
      version: core.version,
      at: new Date(atMs).toISOString(),
      plan: planJson(plan),
      looks: [],
      notes,
      complete: true,
    });
  }
  const whole = core.chunks.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_WHOLE_BYTES;
  if (whole) await version.need(core.chunks.map(({ name }) => name));
  const explained = await version.complete(() => {
    const value = explain(router, (to) => (whole ? router.rules() : router.reached(call, to, atMs)), call, atMs, request.limit);
    const decided = planOrMissing(value.decision);
    if ("missing" in decided) return decided;
    const missing = router.takeMissing();
    return missing.length > 0 ? { missing } : { value: { ...value, plan: decided.value } };
  });
  const { plan, looks, notes } = explained;
  return c.json({
    version: core.version,
    at: new Date(atMs).toISOString(),
    plan: planJson(plan),
    looks: looksJson(looks),
    notes,
    complete: whole,
  });
}

export const routingRoutes = () =>
  new Hono<AppEnv>()
    .post("/explain", ...allows("config:read"), readBody, async (c) => {
      const body = parseJsonObject(c.get("body"));
      if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
      const request = parseExplain(body.value);
      if (!request.ok) return answerProblem(c, { code: "invalid_fields", errors: request.error });
      const version = await openVersion(c.get("deps"), c.env.CONFIG, c.get("principal").tenant, request.value.version);
      return version.ok ? explanation(c, version.value, request.value) : answerProblem(c, version.error);
    })
    .post("/replay", ...allows("config:read"), readBody, async (c) => {
      const principal = c.get("principal");
      if (!may(principal, "sessions:read"))
        return answerProblem(c, { code: "forbidden", detail: "no role of this identity grants sessions:read" });
      const body = parseJsonObject(c.get("body"));
      if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
      const request = parseReplay(body.value);
      if (!request.ok) return answerProblem(c, { code: "invalid_fields", errors: request.error });
      const version = await openVersion(c.get("deps"), c.env.CONFIG, principal.tenant, request.value.version);
      if (!version.ok) return answerProblem(c, version.error);
      const lines = await replay(version.value, c.env.EVENTS, principal.tenant, request.value);
      return c.body(jsonLines(lines), 200, JSON_LINES);
    });
