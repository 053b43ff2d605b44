/**
 * The API, described for people and for programs that make clients, and its error codes explained. Open to everybody, as nothing in it is
 * anybody's. What describes it is loaded when somebody asks: calls do without.
 */
import { Hono } from "hono";
import { problemCodeOf, problemPageJson } from "../../contracts/problem-pages.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { PAGE_POLICY, STYLESHEET_PATH } from "../pages/html.ts";
import { problemPage } from "../pages/problem-page.ts";
import { type ApiDocument, referencePage } from "../pages/reference.ts";
import { STYLESHEET } from "../pages/stylesheet.ts";
import { answerProblem } from "../problem.ts";

/** It changes with a deployment alone. */
const CACHED = { "Cache-Control": "public, max-age=300" };
const HTML = { ...CACHED, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": PAGE_POLICY };

/** Each is made once per isolate, when it is asked for first, and kept as text: they are long. */
let json: string | null = null;
let page: string | null = null;

async function description(): Promise<string> {
  const { apiDocument } = await import("../../contracts/openapi/api.ts");
  return (json ??= JSON.stringify(apiDocument()));
}

async function reference(): Promise<string> {
  const { apiDocument } = await import("../../contracts/openapi/api.ts");
  return (page ??= referencePage(apiDocument() as unknown as ApiDocument));
}

function explain(c: AppContext): Response {
  const code = problemCodeOf(c.req.param("code") ?? "");
  if (code === null) return answerProblem(c, { code: "not_found", detail: "there is no such error code" });
  c.header("Vary", "Accept");
  return (c.req.header("accept") ?? "").includes("text/html")
    ? c.body(problemPage(code), 200, HTML)
    : c.json(problemPageJson(code), 200, CACHED);
}

export const openapiRoutes = () =>
  new Hono<AppEnv>()
    .get("/openapi.json", async (c) => c.body(await description(), 200, { ...CACHED, "Content-Type": "application/json" }))
    .get("/docs", async (c) => c.body(await reference(), 200, HTML))
    .get(STYLESHEET_PATH, (c) => c.body(STYLESHEET, 200, { ...CACHED, "Content-Type": "text/css; charset=utf-8" }))
    .get("/problems/:code", explain);
