/** `GET /v1/audit` and `/v1/audit/export`: who did what, and who was refused. Each lane has its own trail. */
import { Hono } from "hono";
import { auditEntryJson, parseAuditFilter } from "../../contracts/audit.ts";
import { cursorOf, parseCursor, parseLimit, MAX_PAGE_LIMIT } from "../../contracts/paging.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { begun } from "../events/download.ts";
import { JSON_LINES, textLines } from "../json-lines.ts";
import { audited } from "../middleware/audited.ts";
import { answerProblem } from "../problem.ts";
import { allows } from "./config/answers.ts";

const LIST = "audit";

/** The lane that is asked, or the answer to whoever asks at the wrong one's. */
function laneOf(c: AppContext): Lane | Response {
  const { LANE } = c.get("deps").environment;
  const lane = c.req.query("lane") ?? LANE;
  if (lane !== "standard" && lane !== "emergency")
    return answerProblem(c, {
      code: "bad_query",
      errors: [{ pointer: "?lane", code: "not_allowed", detail: "is standard or emergency" }],
    });
  if (lane === LANE) return lane;
  return answerProblem(c, { code: "wrong_lane", detail: `the audit trail of the ${lane} lane is at its own address` });
}

const DIGITS = /^[1-9]\d{0,14}$/;

async function list(c: AppContext): Promise<Response> {
  const lane = laneOf(c);
  if (typeof lane !== "string") return lane;
  const query = new URL(c.req.url).searchParams;
  const asked = parseAuditFilter(query);
  if (!asked.ok) return answerProblem(c, { code: "bad_query", errors: asked.error });
  const limit = parseLimit(query.get("limit") ?? undefined);
  if (!limit.ok) return answerProblem(c, { code: "bad_query", detail: `limit is a whole number from 1 to ${MAX_PAGE_LIMIT}` });
  const identity = { list: `${LIST}/${lane}`, filters: asked.value.values };
  const cursor = query.get("cursor");
  const key = cursor === null ? null : parseCursor(identity, cursor);
  if (key !== null && (!key.ok || !DIGITS.test(key.value))) return answerProblem(c, { code: "bad_cursor" });
  const before = key === null ? null : Number(key.value);
  // One more than is shown: whether there is a next page.
  const request = { filter: asked.value.filter, before, limit: limit.value + 1 };
  const found = await c.get("deps").auditReader.page(c.get("principal").tenant, request);
  const items = found.slice(0, limit.value);
  const more = found.length > items.length ? { nextCursor: cursorOf(identity, String(items.at(-1)!.sequence)) } : {};
  c.header("Cache-Control", "private, no-store");
  return c.json({ items: items.map(auditEntryJson), ...more });
}

async function download(c: AppContext): Promise<Response> {
  const lane = laneOf(c);
  if (typeof lane !== "string") return lane;
  const query = new URL(c.req.url).searchParams;
  const asked = parseAuditFilter(query, false);
  if (!asked.ok) return answerProblem(c, { code: "bad_query", errors: asked.error });
  const { fromMs: _from, toMs: _to, ...others } = asked.value.filter;
  if (Object.keys(others).length > 0)
    return answerProblem(c, { code: "bad_query", detail: "an export is bounded by from and to alone: a chain has no holes" });
  const tenant = c.get("principal").tenant;
  const lines = await begun(c.get("deps").auditReader.lines(tenant, asked.value.filter));
  return c.body(textLines(lines), 200, {
    ...JSON_LINES,
    "Content-Disposition": `attachment; filename="audit-${tenant}-${lane}.ndjson"`,
    "Cache-Control": "private, no-store",
  });
}

/** Mounted at `/v1/audit`. */
export const auditRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("audit:read"), list)
    .get("/export", ...allows("audit:read"), audited("audit.export", { reads: true }), download);
