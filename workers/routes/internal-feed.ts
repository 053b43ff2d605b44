/** What the emergency lane tells the feeds, which the standard lane has. */
import { Hono } from "hono";
import { z } from "zod";
import { LANE_TOKEN_HEADER, isLaneToken } from "../../adapters/identity/lane-token.ts";
import { parseSessionId, parseTenantId } from "../../domain/shared/ids.ts";
import { FEED_PATH, type FeedMessage, createFeedWriter, feedPurpose } from "../../durable-objects/live-feed/feed-writer.ts";
import type { AppEnv } from "../context.ts";
import { readBodyOf } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";

/** A session with the longest metadata, or several hundred that were projected. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/** The sender is ourselves, as its token proves: what is checked is that a message of another version does no harm. */
const named = {
  id: z.string().refine((raw) => parseSessionId(raw).ok),
  tenant: z.string().refine((raw) => parseTenantId(raw).ok),
  sequence: z.int().min(0),
};
const message = z.union([
  z.strictObject({
    put: z.looseObject({
      ...named,
      status: z.enum(["ongoing", "completed", "failed"]),
      openedMs: z.number(),
      updatedMs: z.number(),
    }),
  }),
  z.strictObject({ projected: z.array(z.object(named)) }),
]);

function readMessage(body: Uint8Array): FeedMessage | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(body));
    return message.safeParse(json).success ? (json as FeedMessage) : null;
  } catch {
    return null;
  }
}

export const internalFeedRoutes = () =>
  new Hono<AppEnv>().post(FEED_PATH, readBodyOf(MAX_MESSAGE_BYTES), async (c) => {
    const { environment, clock } = c.get("deps");
    const body = c.get("body");
    const token = c.req.header(LANE_TOKEN_HEADER);
    const genuine = await isLaneToken(token, environment.CONFIG_KEY, await feedPurpose(body), clock.nowMs());
    if (!genuine) return answerProblem(c, { code: "not_found" });
    const told = readMessage(body);
    if (told === null) return answerProblem(c, { code: "invalid_fields" });
    const writer = createFeedWriter(c.env, environment, clock.nowMs);
    await ("put" in told ? writer.put(told.put) : writer.projected(told.projected));
    return c.body(null, 204);
  });
