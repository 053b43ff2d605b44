/** What is made of the tenant's events: `GET /v1/events/stats`, `/v1/events/export` and `/v1/cdrs`. */
import { Hono } from "hono";
import { parseCdrs, parseExport } from "../../contracts/events/downloads.ts";
import type { DownloadFormat } from "../../contracts/events/downloads.ts";
import { parseStats, statsJson } from "../../contracts/events/stats.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { cdrChunks } from "../events/cdrs.ts";
import { CSV, begun } from "../events/download.ts";
import { exportChunks } from "../events/export.ts";
import { elsewhere, orUnavailable } from "../events/answers.ts";
import { countEvents } from "../events/stats.ts";
import { JSON_LINES, textStream } from "../json-lines.ts";
import { audited } from "../middleware/audited.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";

const searchOf = (c: AppContext): URLSearchParams => new URL(c.req.url).searchParams;

/** @param name of the file that a browser makes of it. */
async function answerDownload(
  c: AppContext,
  name: string,
  format: DownloadFormat,
  chunks: AsyncGenerator<string>,
): Promise<Response> {
  return orUnavailable(c, async () =>
    c.body(textStream(await begun(chunks)), 200, {
      ...(format === "csv" ? { "Content-Type": CSV } : JSON_LINES),
      "Content-Disposition": `attachment; filename="${name}.${format}"`,
      "Cache-Control": "private, no-store",
    }),
  );
}

export const eventStatsRoutes = () =>
  new Hono<AppEnv>().get("/stats", requires("events:read"), async (c) => {
    const { events, clock } = c.get("deps");
    const request = parseStats(searchOf(c), clock.nowMs());
    if (!request.ok) return answerProblem(c, { code: "bad_query", errors: request.error });
    const refused = elsewhere(c, request.value.lane);
    if (refused !== null) return refused;
    return orUnavailable(c, async () => {
      const { stats, partial } = await countEvents(events, c.get("principal").tenant, request.value.query);
      c.header("Cache-Control", "private, no-store");
      return c.json(statsJson(request.value, stats, partial));
    });
  });

export const eventExportRoutes = () =>
  new Hono<AppEnv>().get("/export", requires("events:read"), audited("events.export", { reads: true }), async (c) => {
    const request = parseExport(searchOf(c), c.get("principal").tenant);
    if (!request.ok) return answerProblem(c, { code: "bad_query", errors: request.error });
    const { query, format, lane } = request.value;
    return elsewhere(c, lane) ?? answerDownload(c, "events", format, exportChunks(c.get("deps").events, query, format));
  });

export const cdrRoutes = () =>
  new Hono<AppEnv>().get("/", requires("events:read"), audited("cdrs.export", { reads: true }), async (c) => {
    const request = parseCdrs(searchOf(c));
    if (!request.ok) return answerProblem(c, { code: "bad_query", errors: request.error });
    const { period, format, lane } = request.value;
    const wanted = { tenant: c.get("principal").tenant, ...period, format };
    return elsewhere(c, lane) ?? answerDownload(c, "cdrs", format, cdrChunks(c.get("deps").events, wanted));
  });
