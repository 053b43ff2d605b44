/** What the emergency lane says of its calls to the object that counts them, which the standard lane has. */
import { z } from "zod";
import { CAPACITY_KINDS } from "../../domain/capacity/kinds.ts";
import type { CapacityNote } from "../../domain/capacity/lease.ts";
import { parseSessionId, parseTenantId } from "../../domain/shared/ids.ts";
import { CAPACITY_PATH, createCapacityWriter } from "../../durable-objects/capacity/writer.ts";
import { internalMessageRoutes } from "../internal-message.ts";

const MAX_MESSAGE_BYTES = 16 * 1024;
/** A call is at one destination, and leaves by one gateway. */
const MAX_SCOPES = 8;
const MAX_SCOPE_LENGTH = 160;

const session = z.string().refine((raw) => parseSessionId(raw).ok);
const message = z.object({
  tenant: z.string().transform((raw) => parseTenantId(raw)),
  note: z.discriminatedUnion("tag", [
    z.object({ tag: z.literal("release"), session }),
    z.object({
      tag: z.enum(["begin", "renew", "move"]),
      session,
      kind: z.enum(CAPACITY_KINDS),
      scopes: z.array(z.string().max(MAX_SCOPE_LENGTH)).max(MAX_SCOPES),
      waits: z.boolean(),
      order: z.int().min(0),
    }),
  ]),
});

export const internalCapacityRoutes = () =>
  internalMessageRoutes(CAPACITY_PATH, MAX_MESSAGE_BYTES, message, async (c, { tenant, note }) => {
    if (!tenant.ok) return;
    const { environment, clock } = c.get("deps");
    await createCapacityWriter(c.env, environment, clock.nowMs).tell(tenant.value, note as CapacityNote);
  });
