/** `POST /v1/sessions/{id}/commands`: what people and programs tell a call to do. */
import { Hono } from "hono";
import { parseCommand } from "../../contracts/commands.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import { sessionJson } from "../../contracts/sessions.ts";
import { problemOfCommand } from "../../durable-objects/call-session/live-result.ts";
import type { AppEnv } from "../context.ts";
import { audited } from "../middleware/audited.ts";
import { requires } from "../middleware/authenticate.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { sessionIdOf } from "../session-id.ts";
import { ownRequestId } from "./session-records.ts";

export const commandRoutes = () =>
  new Hono<AppEnv>().post(
    "/:id/commands",
    readBody,
    requires("sessions:command"),
    audited("sessions.command", { live: true }),
    async (c) => {
      const id = sessionIdOf(c);
      if (!id.ok) return answerProblem(c, id.error);
      const body = parseJsonObject(c.get("body"));
      if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
      const parsed = parseCommand(body.value);
      if (!parsed.ok) return answerProblem(c, { code: "invalid_fields", errors: parsed.error });
      const { sessions, meter } = c.get("deps");
      const { tenant, subject: by, trunk = null } = c.get("principal");
      const { command } = parsed.value;
      c.set("auditDetail", { command: command.kind });
      // A try that is repeated behind the interface must not do it twice, also where the sender gives no id.
      const commandId = parsed.value.id ?? ownRequestId(c);
      const { traceparent } = c.get("trace");
      const answer = await sessions.command(id.value, { tenant, trunk, command, id: commandId, by, traceparent });
      if (!answer.ok) return answerProblem(c, { code: "unavailable", detail: "the session could not be reached" });
      meter.count("trunkline_commands_total", { command: command.kind, outcome: answer.value.tag });
      if (answer.value.tag !== "taken") {
        const { problem, state } = problemOfCommand(answer.value);
        return answerProblem(c, state === undefined ? problem : { ...problem, members: { state } });
      }
      if (answer.value.repeated) c.header("Idempotent-Replayed", "true");
      return c.json({ sequence: answer.value.view.sequence, session: sessionJson(answer.value.view) });
    },
  );
