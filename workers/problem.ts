import { PROBLEMS, type Problem, problemJson } from "../contracts/problem.ts";
import type { AppContext } from "./context.ts";

/** How long a caller should wait before it tries again what failed for want of a part. */
const RETRY_AFTER_S = "1";

const encoder = new TextEncoder();

/** Answers with problem details (RFC 9457). Says what the caller can act on, and nothing of what is inside. */
export function answerProblem(c: AppContext, problem: Problem): Response {
  const status = problem.status ?? PROBLEMS[problem.code].status;
  c.set("failure", problem.code);
  const headers = new Headers({ "Content-Type": "application/problem+json", ...problem.headers });
  if (status === 503 && !headers.has("Retry-After")) headers.set("Retry-After", RETRY_AFTER_S);
  const document = problemJson(problem, { path: c.req.path, requestId: c.get("requestId") });
  const body = encoder.encode(JSON.stringify(document));
  headers.set("Content-Length", String(body.length));
  return new Response(body, { status, headers });
}
