/** How a client says that two requests are the same one: `Idempotency-Key`, or the call's own id. */
import type { Problem } from "../contracts/problem.ts";
import { toHex } from "../domain/shared/hex.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { AppContext } from "./context.ts";
import type { Repetition } from "./set-up.ts";

/** draft-ietf-httpapi-idempotency-key-header, as a bare or a quoted string. */
const IDEMPOTENCY_KEY = /^"?([\x21\x23-\x7e]{1,255})"?$/;

async function digest(body: Uint8Array): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>));
  return toHex(bytes.subarray(0, 16));
}

/** The client's own key for a request: null where it has none, and what is wrong with one that is malformed. */
export function idempotencyKeyOf(header: string | undefined): Result<string | null, Problem> {
  if (header === undefined) return ok(null);
  const key = IDEMPOTENCY_KEY.exec(header)?.[1];
  if (key !== undefined) return ok(key);
  return err({ code: "bad_header", detail: "Idempotency-Key takes 1 to 255 printable characters without spaces" });
}

/** Where a call has an id of its own, that decides, and a repetition may differ in its wording. */
export async function repetitionOf(c: AppContext, externalId: string | null): Promise<Result<Repetition, Problem>> {
  const named = idempotencyKeyOf(c.req.header("idempotency-key"));
  if (!named.ok) return named;
  const key = named.value;
  const fingerprint = key === null ? null : await digest(c.get("body"));
  if (externalId !== null) return ok({ external: { source: "call-id", id: externalId }, fingerprint });
  return ok({ external: key === null ? null : { source: "idempotency-key", id: key }, fingerprint });
}
