/**
 * Takes only requests whose target means the same to everybody who reads it. What a URL parser would turn into another path, or
 * cannot read at all, is refused before anything is decided by it: the gate decides by the path and hands on by the URL.
 */
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** What nearly every request looks like: no escapes, no dots between slashes, nothing that a parser could read otherwise. */
const PLAIN = /^https?:\/\/[\w-]+(?:\.[\w-]+)*(?::[1-5]?\d{1,4})?(?:\/[\w-]+)+$/;

/** Escaped letters are the letters they stand for, as the router reads them; an escape that is none stays as it is. */
function plainly(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

export const plainTarget = createMiddleware<AppEnv>(async (c, next) => {
  if (PLAIN.test(c.req.url)) return next();
  const url = URL.parse(c.req.url);
  if (url === null)
    return answerProblem(c, { code: "bad_header", detail: "the request target and the Host do not make a URL" });
  if (plainly(url.pathname) !== c.req.path)
    return answerProblem(c, { code: "not_found", detail: "the path is not in its plain form" });
  await next();
  return undefined;
});
