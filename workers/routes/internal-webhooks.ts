/** Events for webhooks that the emergency lane hands over; the standard lane has the objects that deliver them. */
import { Hono } from "hono";
import { z } from "zod";
import { LANE_TOKEN_HEADER, isLaneToken } from "../../adapters/identity/lane-token.ts";
import { parseEventId, parseTenantId } from "../../domain/shared/ids.ts";
import type { Handed } from "../../domain/webhooks/delivery.ts";
import type { AppEnv } from "../context.ts";
import { readBodyOf } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { HAND_OVER_PATH, handOverPurpose } from "../webhooks/hand-over.ts";

/** 200 of the longest events, in JSON in JSON. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** The sender is ourselves, as its token proves: what is checked is that a message of another version does no harm. */
const message = z.object({
  tenant: z.string().refine((raw) => parseTenantId(raw).ok),
  lane: z.literal("emergency"),
  target: z.looseObject({
    id: z.string().min(1),
    url: z.string(),
    eventTypes: z.array(z.string()),
    sealedSecrets: z.array(z.string()),
    rotatedUntilMs: z.number().nullable(),
    personalData: z.boolean(),
    revision: z.number(),
  }),
  events: z.array(
    z.object({ id: z.string().refine((raw) => parseEventId(raw).ok), subject: z.string().nullable(), line: z.string() }),
  ),
});

function readMessage(body: Uint8Array): Handed | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(body));
    return message.safeParse(json).success ? (json as Handed) : null;
  } catch {
    return null;
  }
}

export const internalWebhookRoutes = () =>
  new Hono<AppEnv>().post(HAND_OVER_PATH, readBodyOf(MAX_MESSAGE_BYTES), async (c) => {
    const { environment, clock, handOver } = c.get("deps");
    const body = c.get("body");
    const token = c.req.header(LANE_TOKEN_HEADER);
    const genuine = await isLaneToken(token, environment.CONFIG_KEY, await handOverPurpose(body), clock.nowMs());
    if (!genuine || c.env.WEBHOOK_ENDPOINT === undefined) return answerProblem(c, { code: "not_found" });
    const handed = readMessage(body);
    if (handed === null) return answerProblem(c, { code: "invalid_fields" });
    try {
      await handOver(handed);
    } catch {
      return answerProblem(c, { code: "unavailable", detail: "the events could not be taken; they are handed over again" });
    }
    return c.body(null, 204);
  });
