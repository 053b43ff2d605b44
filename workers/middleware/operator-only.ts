/** For whoever runs the deployment: who has the configuration key. Nobody else learns that there is such a way in. */
import { createMiddleware } from "hono/factory";
import { LANE_TOKEN_HEADER, isLaneToken, operatorPurpose } from "../../adapters/identity/lane-token.ts";
import type { AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** Behind `readBody`: the token is for one request, its body included. */
export const operatorOnly = createMiddleware<AppEnv>(async (c, next) => {
  const { environment, clock } = c.get("deps");
  const { pathname, search } = new URL(c.req.url);
  const body = new TextDecoder().decode(c.get("body"));
  const purpose = operatorPurpose(c.req.method, `${pathname}${search}`, body);
  if (!(await isLaneToken(c.req.header(LANE_TOKEN_HEADER), environment.CONFIG_KEY, purpose, clock.nowMs())))
    return answerProblem(c, { code: "not_found" });
  await next();
  return undefined;
});
