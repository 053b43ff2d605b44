/** What became of a command, in the words of problem details: the same over a socket as over HTTP. */
import type { CommandResult } from "../../contracts/live.ts";
import { PROBLEMS, type Problem } from "../../contracts/problem.ts";
import { sessionJson } from "../../contracts/sessions.ts";
import { assertNever } from "../../domain/shared/result.ts";
import type { CommandAnswer } from "./messages.ts";

type Refusal = Exclude<CommandAnswer, { tag: "taken" }>;

/** Why a command was not taken. `state` is the session's, where that is the reason. */
export function problemOfCommand(refusal: Refusal): { readonly problem: Problem; readonly state?: string } {
  switch (refusal.tag) {
    case "unknown":
      return { problem: { code: "not_found", detail: "there is no such session" } };
    case "archived":
      return { problem: { code: "illegal_state", detail: "the session is archived" }, state: "archived" };
    case "other_trunk":
      return { problem: { code: "forbidden", detail: "these credentials are of another trunk" } };
    case "illegal_state":
      return {
        problem: { code: "illegal_state", detail: `the session is ${refusal.state}` },
        state: refusal.state,
      };
    case "capability_missing":
      return {
        problem: {
          code: "capability_missing",
          detail: `whoever executes the call cannot ${refusal.capability.replace("_", " ")}`,
        },
      };
    case "too_many":
      return { problem: { code: "conflict", detail: `the session has as many ${refusal.of} as it may have` } };
    case "not_routed":
      return { problem: { code: "forbidden", detail: refusal.reason } };
    case "bad_address":
      return {
        problem: { code: "invalid_fields", errors: [{ pointer: "/to", code: "bad_format", detail: refusal.detail }] },
      };
    case "unavailable":
      return { problem: { code: "unavailable", detail: "the session could not take the command; it may be given again" } };
    default:
      return assertNever(refusal);
  }
}

export function refusedResult(problem: Problem, state?: string): CommandResult {
  const { status, title } = PROBLEMS[problem.code];
  return {
    ok: false,
    status: problem.status ?? status,
    code: problem.code,
    title,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    ...(state === undefined ? {} : { state }),
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  };
}

export function resultOf(answer: CommandAnswer): CommandResult {
  if (answer.tag === "taken") return { ok: true, sequence: answer.view.sequence, session: sessionJson(answer.view) };
  const { problem, state } = problemOfCommand(answer);
  return refusedResult(problem, state);
}
