/** What routes of the configuration have in common: who may, what is refused, how outcomes become answers. */
import { createMiddleware } from "hono/factory";
import { parseJsonObject } from "../../../contracts/json.ts";
import { MAX_ENTITY_BYTES } from "../../../contracts/configuration/limits.ts";
import { type KnownFilters, parseFilters } from "../../../contracts/configuration/filters.ts";
import type { FieldError } from "../../../contracts/issues.ts";
import { cursorOf, parseCursor, parseLimit, MAX_PAGE_LIMIT } from "../../../contracts/paging.ts";
import type { Problem } from "../../../contracts/problem.ts";
import type { Page, PageRequest, WriteProblem } from "../../../domain/configuration/store.ts";
import type { Permission } from "../../../domain/identity/principal.ts";
import { type Result, assertNever, err, ok } from "../../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../../context.ts";
import { requires } from "../../middleware/authenticate.ts";
import { readBodyOf } from "../../middleware/read-body.ts";
import { answerProblem } from "../../problem.ts";
import { PRECONDITION_FAILED, etagOf, isKnown } from "./preconditions.ts";

/** Credentials of one trunk reach no further than that trunk, whatever their roles. */
const wholeTenant = createMiddleware<AppEnv>(async (c, next) => {
  if (c.get("principal").trunk !== undefined)
    return answerProblem(c, { code: "forbidden", detail: "these credentials belong to one trunk" });
  await next();
  return undefined;
});

/** Who asks may do this to the configuration of the tenant. */
export const allows = (permission: Permission) => [requires(permission), wholeTenant] as const;

export const readEntityBody = readBodyOf(MAX_ENTITY_BYTES);

/** Of a JSON body other types may be said, as long as it is JSON: `application/merge-patch+json`. */
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;.*)?$/i;

/** The body as a JSON object. Its type may be left out, but not be another one. */
export function jsonBody(c: AppContext): Result<Record<string, unknown>, Problem> {
  const type = c.req.header("content-type");
  if (type !== undefined && !JSON_TYPE.test(type))
    return err({ code: "unsupported_media_type", detail: "this takes application/json" });
  const body = parseJsonObject(c.get("body"));
  return body.ok ? body : err({ code: "bad_json", detail: body.error.detail });
}

export const invalidFields = (errors: readonly FieldError[]): Problem => ({ code: "invalid_fields", errors });

/** Whatever was tried, it was not one. */
export const BAD_PUBLIC_KEY: Problem = invalidFields([
  { pointer: "/publicKey", code: "invalid", detail: "is no Ed25519 public key in PEM, JWK or base64 of 32 bytes" },
]);

export const notFound = (what: string): Problem => ({ code: "not_found", detail: `there is no such ${what}` });

/** Longest id of anything here, in characters. */
const MAX_ID = 256;

/** An id from the path; null for what nothing can be called. */
export function idFrom(c: AppContext, name = "id"): string | null {
  const id = c.req.param(name) ?? "";
  return id.length > 0 && id.length <= MAX_ID && !/[\p{Cc}\p{Cs}]/u.test(id) ? id : null;
}

/** Where bodies name what they refer to. */
const POINTERS = { role: "/roles", profile: "/profile" } as const;

export function writeProblem(problem: WriteProblem, what: string): Problem {
  switch (problem.tag) {
    case "not_found":
      return notFound(what);
    case "precondition_failed":
      return PRECONDITION_FAILED;
    case "in_use":
      return { code: "conflict", detail: `it is used by ${problem.by.join(", ")}` };
    case "unknown":
      return invalidFields([
        { pointer: POINTERS[problem.kind], code: "unknown", detail: `there is no ${problem.kind} "${problem.name}" any more` },
      ]);
    case "full":
      return { code: "conflict", detail: `a tenant has at most ${problem.most} of these` };
    default:
      return assertNever(problem);
  }
}

/** One resource with its revision; 304 when the reader has it. */
export function answerResource(c: AppContext, revision: number, json: object, status: 200 | 201 = 200): Response {
  const etag = etagOf(revision);
  c.header("ETag", etag);
  c.header("Cache-Control", "private, no-cache");
  if (c.req.method === "GET" && isKnown(c, etag)) return c.body(null, 304);
  return c.json(json, status);
}

/** What page of the list is asked for. @param list names the list: a cursor of another one is refused. */
export function pageRequest(c: AppContext, list: string, known: KnownFilters): Result<PageRequest, Problem> {
  const query = new URL(c.req.url).searchParams;
  const filters = parseFilters(known, query);
  if (!filters.ok) return err({ code: "bad_query", errors: filters.error });
  const limit = parseLimit(query.get("limit") ?? undefined);
  if (!limit.ok) return err({ code: "bad_query", detail: `limit is a whole number from 1 to ${MAX_PAGE_LIMIT}` });
  const cursor = query.get("cursor");
  if (cursor === null) return ok({ filters: filters.value, afterKey: null, limit: limit.value });
  const afterKey = parseCursor({ list, filters: filters.value }, cursor);
  if (!afterKey.ok) return err({ code: "bad_cursor" });
  return ok({ filters: filters.value, afterKey: afterKey.value, limit: limit.value });
}

export function answerPage<Item>(
  c: AppContext,
  list: string,
  { filters }: PageRequest,
  page: Page<Item>,
  json: (item: Item) => unknown,
): Response {
  c.header("Cache-Control", "private, no-cache");
  const nextCursor = page.nextKey === null ? {} : { nextCursor: cursorOf({ list, filters }, page.nextKey) };
  return c.json({ items: page.items.map(json), ...nextCursor });
}
