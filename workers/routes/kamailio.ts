/** `/pbx/kamailio`: the standard lane's side. */
import { Hono } from "hono";
import { callBody, parseKamailioEvent, parseRouteRequest } from "../../adapters/carriers/kamailio/wire.ts";
import { rtjson } from "../../adapters/carriers/kamailio/rtjson.ts";
import { parseCall } from "../../contracts/calls.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import type { AppEnv } from "../context.ts";
import { requires } from "../middleware/authenticate.ts";
import { readBody } from "../middleware/read-body.ts";
import { noteReport } from "../note-report.ts";
import { answerProblem } from "../problem.ts";
import { givenBack, recogniseOn } from "../recognition.ts";
import { NO_SUCH_SESSION } from "../session-id.ts";
import { setUpCall, setUpProblem } from "../set-up.ts";
import { configured } from "../call-routing.ts";
import { reportRefusal, trunkFor, trunkRefusal } from "../trunks.ts";
import { NO_POLICY } from "../../domain/identity/tenant-policy.ts";

/** Marks a report on a call that nobody has announced on this lane: it may belong to the other one. */
export const EARLY_HEADER = "Trunkline-Early";

/** Fields are named as the proxy sent them. */
const POINTERS: Readonly<Record<string, string>> = { "/to": "/ruri" };

export const kamailioRoutes = () =>
  new Hono<AppEnv>()
    .post("/route", readBody, requires("calls:create"), async (c) => {
      const body = parseJsonObject(c.get("body"));
      if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
      const request = parseRouteRequest(body.value);
      if (!request.ok) return answerProblem(c, { code: "invalid_fields", errors: request.error });
      const principal = c.get("principal");
      const inForce = configured(await c.get("deps").entry(principal.tenant));
      if (inForce === null) return answerProblem(c, { code: "forbidden", detail: "this tenant has no configuration in force" });
      const { trunk: requested, srcIp: source } = request.value;
      const trunk = trunkFor(inForce.snapshot, principal, { requested, source });
      const asked = callBody(request.value);
      const emergency = recogniseOn(trunk, inForce.snapshot, asked["to"], asked["location"]);
      const back = givenBack(c, emergency);
      if (back !== null) return back;
      const call = parseCall(asked, principal.tenant, () => trunk);
      if (!call.ok) {
        const errors = call.error.map((error) => ({ ...error, pointer: POINTERS[error.pointer] ?? error.pointer }));
        return answerProblem(c, { code: "invalid_fields", errors });
      }
      const refusal = trunkRefusal(inForce.snapshot, principal, call.value.trunk, c.get("entry")?.policy ?? NO_POLICY);
      if (refusal !== null) return answerProblem(c, refusal);
      const external = { source: "call-id" as const, id: request.value.callId };
      const setUp = await setUpCall(c, inForce, call.value, emergency, { external, fingerprint: null });
      if (!setUp.ok) return answerProblem(c, setUpProblem(setUp.error));
      const { plan, view } = setUp.value;
      return c.json(rtjson(plan, view.id, view.lane, { geolocation: request.value.geolocation ?? undefined }));
    })
    .post("/events", readBody, requires("sessions:report"), async (c) => {
      const body = parseJsonObject(c.get("body"));
      if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
      const { sessions, clock } = c.get("deps");
      const event = parseKamailioEvent(body.value, clock.nowMs());
      if (!event.ok) return answerProblem(c, { code: "invalid_fields", errors: event.error });
      const identity = await sessions.identify(c.get("principal").tenant, { source: "call-id", id: event.value.callId });
      const refusal = await reportRefusal(c, identity.id);
      if (refusal !== null) return answerProblem(c, refusal);
      const answer = await sessions.report(identity, event.value.report, true, c.get("trace").traceparent);
      if (answer.ok && answer.value.tag === "unknown") return answerProblem(c, NO_SUCH_SESSION);
      if (!answer.ok || answer.value.tag !== "taken")
        return answerProblem(c, { code: "unavailable", detail: "the session could not be reached" });
      noteReport(c, event.value.report, answer.value);
      if (!answer.value.view.announced) c.header(EARLY_HEADER, "true");
      return c.json({ applied: answer.value.applied, session: identity.id, state: answer.value.view.state.phase });
    });
