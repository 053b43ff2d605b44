/** Two middlewares as one, in an order that the request decides. */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppContext, AppEnv } from "../context.ts";

type Step = MiddlewareHandler<AppEnv>;

/** @param swapped whether `second` comes first for this request. An answer of either ends it. */
export const inOrder = (first: Step, second: Step, swapped: (c: AppContext) => boolean): Step => {
  const both = createMiddleware<AppEnv>(async (c, next) => {
    const [outer, inner] = swapped(c) ? [second, first] : [first, second];
    let answer: Response | undefined;
    const refused = await outer(c, async () => {
      answer = (await inner(c, next)) as Response | undefined;
    });
    return (refused as Response | undefined) ?? answer;
  });
  // What can be read off a guard can be read off the two.
  return Object.assign(both, first);
};
