/** Ids in what one of our own programs says to another: who sends another than an id is told so, and nothing more. */
import { z } from "zod";
import { type SessionId, type TenantId, parseSessionId, parseTenantId } from "../domain/shared/ids.ts";

export const tenantId = z.string().transform((raw, context): TenantId => {
  const parsed = parseTenantId(raw);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: "custom", message: "no tenant" });
  return z.NEVER;
});

export const sessionId = z.string().transform((raw, context): SessionId => {
  const parsed = parseSessionId(raw);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: "custom", message: "no session" });
  return z.NEVER;
});
