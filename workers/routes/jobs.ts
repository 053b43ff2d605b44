/** `/v1/jobs/{id}`: what was asked for with `Prefer: respond-async`. */
import { Hono } from "hono";
import { jobJson } from "../../contracts/jobs.ts";
import { parseSessionId } from "../../domain/shared/ids.ts";
import type { AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";
import { allows, notFound } from "./config/answers.ts";

export const jobRoutes = () =>
  new Hono<AppEnv>().get("/:id", ...allows("config:read"), async (c) => {
    const id = parseSessionId(c.req.param("id"));
    if (!id.ok) return answerProblem(c, notFound("job"));
    const job = await c
      .get("deps")
      .jobs.view(c.get("principal").tenant, id.value)
      .catch(() => "away" as const);
    if (job === "away") return answerProblem(c, { code: "unavailable", detail: "the job could not be reached" });
    if (job === null) return answerProblem(c, notFound("job"));
    if (job.state !== "done") c.header("Retry-After", "1");
    c.header("Cache-Control", "private, no-store");
    return c.json(jobJson(job));
  });
