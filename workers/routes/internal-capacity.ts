/** What the emergency lane says of its calls to the object that counts them, which the standard lane has. */
import { z } from "zod";
import { sessionId, tenantId } from "../../contracts/ids.ts";
import { CAPACITY_KINDS } from "../../domain/capacity/kinds.ts";
import { CAPACITY_PATH, type CapacityMessage, createCapacityWriter } from "../../durable-objects/capacity/writer.ts";
import { internalMessageRoutes } from "../internal-message.ts";

const MAX_MESSAGE_BYTES = 16 * 1024;
/** A call is at one destination, and leaves by one gateway. */
const MAX_SCOPES = 8;
const MAX_SCOPE_LENGTH = 160;

const message: z.ZodType<CapacityMessage> = z.object({
  tenant: tenantId,
  note: z.discriminatedUnion("tag", [
    z.object({ tag: z.literal("release"), session: sessionId, unopened: z.literal(true).exactOptional() }),
    z.object({
      tag: z.enum(["begin", "renew", "move"]),
      session: sessionId,
      kind: z.enum(CAPACITY_KINDS),
      scopes: z.array(z.string().max(MAX_SCOPE_LENGTH)).max(MAX_SCOPES),
      waits: z.boolean(),
      order: z.int().min(0),
    }),
  ]),
});

export const internalCapacityRoutes = () =>
  internalMessageRoutes(CAPACITY_PATH, MAX_MESSAGE_BYTES, message, async (c, { tenant, note }) => {
    const { environment, clock } = c.get("deps");
    await createCapacityWriter(c.env, environment, clock.nowMs).tell(tenant, note);
  });
