/** `GET /v1/events/tail`: what is asked for. */
import type { EventFilter } from "../../domain/events/query/query.ts";
import type { Lane, TenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { AFTER_PARAMETER } from "../live.ts";
import type { ListIdentity } from "../paging.ts";
import { onlyValue, parseAsked } from "./asked.ts";
import { type TailPlace, parseTailCursor } from "./tail.ts";

export type TailRequest = {
  readonly filter: EventFilter;
  /** What cursors of this tail are bound to. */
  readonly identity: ListIdentity;
  /** Null: it begins now. */
  readonly after: TailPlace | null;
  readonly lane: Lane | null;
};
export type TailRequestError =
  | { readonly code: "bad_query"; readonly errors: readonly FieldError[] }
  | { readonly code: "bad_cursor" };

/** @param lastEventId the header, which a browser sends when it comes back; it goes before the parameter, which it had at first. */
export function parseTail(
  query: URLSearchParams,
  lastEventId: string | null,
  tenant: TenantId,
): Result<TailRequest, TailRequestError> {
  const asked = parseAsked(query, {}, [AFTER_PARAMETER]);
  if (!asked.ok) return err({ code: "bad_query", errors: asked.error });
  const { filter, values, lane } = asked.value;
  const identity: ListIdentity = { list: `tail of ${tenant}`, filters: { ...values, lane: [lane ?? ""] } };
  const given = query.has(AFTER_PARAMETER) ? (onlyValue(query, AFTER_PARAMETER) ?? "") : null;
  const cursor = lastEventId === null || lastEventId === "" ? given : lastEventId;
  if (cursor === null) return ok({ filter, identity, after: null, lane });
  const after = parseTailCursor(identity, cursor);
  return after.ok ? ok({ filter, identity, after: after.value, lane }) : err({ code: "bad_cursor" });
}
