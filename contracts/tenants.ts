/** `POST /internal/tenants`. */
import { z } from "zod";
import { type TenantId, parseTenantId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { type FieldError, fieldErrors } from "./issues.ts";

const MAX_NAME = 128;

const tenantSchema = z.strictObject({
  id: z.string().transform((raw, context): TenantId => {
    const parsed = parseTenantId(raw);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: "custom", message: "lower-case letters, digits and inner dashes, at most 32" });
    return z.NEVER;
  }),
  name: z.string().min(1).max(MAX_NAME),
});

export function parseTenant(body: Record<string, unknown>): Result<z.output<typeof tenantSchema>, readonly FieldError[]> {
  const parsed = tenantSchema.safeParse(body);
  return parsed.success ? ok(parsed.data) : err(fieldErrors(parsed.error, body));
}
