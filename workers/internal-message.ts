/** Messages from the emergency lane to the standard one, proven by a token that is good for one message alone: the receiver's side. */
import { Hono } from "hono";
import type { z } from "zod";
import { messagePurpose, tellStandard } from "../adapters/identity/lane-message.ts";
import { LANE_TOKEN_HEADER, isLaneToken } from "../adapters/identity/lane-token.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { readBodyOf } from "./middleware/read-body.ts";
import { answerProblem } from "./problem.ts";

export { tellStandard };

function parsed<T>(schema: z.ZodType<T>, body: Uint8Array): T | null {
  try {
    const read = schema.safeParse(JSON.parse(new TextDecoder().decode(body)));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/**
 * The standard lane's side. The sender is ourselves, as its token proves: what is checked is that a message of another version does no harm.
 * @param take throws when the message has to be sent again.
 */
export const internalMessageRoutes = <T>(
  path: string,
  maxBytes: number,
  schema: z.ZodType<T>,
  take: (c: AppContext, message: T) => Promise<void>,
) =>
  new Hono<AppEnv>().post(path, readBodyOf(maxBytes), async (c) => {
    const { environment, clock } = c.get("deps");
    const body = c.get("body");
    const purpose = await messagePurpose(path, body);
    if (!(await isLaneToken(c.req.header(LANE_TOKEN_HEADER), environment.CONFIG_KEY, purpose, clock.nowMs())))
      return answerProblem(c, { code: "not_found" });
    const message = parsed(schema, body);
    if (message === null) return answerProblem(c, { code: "invalid_fields" });
    await take(c, message);
    return c.body(null, 204);
  });
