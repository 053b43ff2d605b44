/** `POST /v1/live/tickets`: what a ticket is asked for. */
import { z } from "zod";
import { parseSessionId } from "../domain/shared/ids.ts";

/** Without `session` the ticket is for the tenant's feed. */
export const ticketRequest = z.strictObject({
  session: z
    .string()
    .transform((raw, context) => {
      const id = parseSessionId(raw);
      if (id.ok) return id.value;
      context.addIssue({ code: "custom", message: "not a session id" });
      return z.NEVER;
    })
    .optional(),
});
