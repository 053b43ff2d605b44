/** Seen from outside, by whoever asks. */
import { z } from "zod";
import { lane } from "./call-operations.ts";
import type { Operation } from "./operation.ts";
import { inPath, json, query, text } from "./parts.ts";

const health = z.object({ status: z.literal("ok"), lane, region: z.string() });

const check = z.object({
  ok: z.boolean(),
  critical: z.boolean(),
  ms: z.number(),
  since: z.iso.datetime().optional().describe("Since when it does not answer, as far as who answers knows."),
  without: z.string().describe("What becomes of calls and requests without it."),
});
const readiness = z.object({
  status: z.enum(["ready", "degraded", "unready"]),
  lane,
  checks: z.record(z.string(), check).describe("Each part that is needed; without a critical one no call can be taken."),
  snapshots: z.record(z.string(), check).describe("Where published configurations are had from, behind the memory."),
  breakers: z.record(z.string(), z.int()).describe("Circuit breakers that are open here, by kind of target."),
});

const description = z.looseObject({ openapi: z.string() }).describe("An OpenAPI document.");

const explained = z
  .object({
    code: z.string(),
    status: z.int(),
    title: z.string(),
    meaning: z.string(),
    remedy: z.string(),
    example: z.looseObject({}),
  })
  .describe("An error code, explained.");

const open = { method: "get", tag: "Operations", permission: null, proofs: [], parameters: [], problems: [] } as const;

const healthz: Operation = {
  ...open,
  id: "getHealth",
  path: "/healthz",
  summary: "Whether this lane lives",
  answers: [
    { status: 200, description: "It does.", content: [json(health, { status: "ok", lane: "emergency", region: "eu" })] },
  ],
};

const CONFIG_CHECK = {
  critical: true,
  ms: 2,
  without: "calls go on by the levels under `snapshots`; nothing can be published",
};
const R2_LEVEL = { ok: true, critical: false, ms: 2, without: "isolates that begin take the last good copy" };
const READY = {
  status: "ready",
  lane: "emergency",
  checks: { config: { ok: true, ...CONFIG_CHECK } },
  snapshots: { r2: R2_LEVEL },
  breakers: {},
};
const NOT_READY = {
  ...READY,
  status: "unready",
  checks: { config: { ok: false, ...CONFIG_CHECK, ms: 1_000, since: "2026-11-21T12:00:00.000Z" } },
};

const readyz: Operation = {
  ...open,
  id: "getReadiness",
  path: "/readyz",
  summary: "Whether this lane can take calls",
  description: "Each part that is needed is asked. `degraded`: calls are taken, and something else is missing.",
  parameters: [
    query("for", "Of the gate: whether emergency calls are served, whatever else is missing.", z.enum(["emergency"])),
  ],
  answers: [
    { status: 200, description: "It can.", content: [json(readiness, READY)] },
    {
      status: 503,
      description: "It cannot.",
      content: [json(readiness, NOT_READY)],
    },
  ],
};

const metrics: Operation = {
  ...open,
  id: "getMetrics",
  path: "/metrics",
  summary: "Counters and histograms of both lanes",
  parameters: [query("format", "By default the text format of Prometheus.", z.enum(["json"]))],
  answers: [
    {
      status: 200,
      description: "Since the beginning.",
      content: [
        {
          mediaType: "text/plain",
          schema: text,
          example: 'trunkline_http_requests_total{route="/v1/calls",method="POST",status="201"} 17\n',
        },
      ],
    },
  ],
};

const document: Operation = {
  ...open,
  id: "getDescription",
  path: "/openapi.json",
  summary: "This document",
  description: "A page made of it is at `/docs`.",
  answers: [{ status: 200, description: "The API.", content: [json(description, { openapi: "3.1.0" })] }],
};

const reference: Operation = {
  ...open,
  id: "getReference",
  path: "/docs",
  summary: "This document, for people",
  answers: [
    {
      status: 200,
      description: "A page.",
      content: [{ mediaType: "text/html", schema: text, example: "<!doctype html>…" }],
    },
  ],
};

const explanation: Operation = {
  ...open,
  id: "getProblem",
  path: "/problems/{code}",
  summary: "What an error code means",
  description: "Where the `type` of a problem leads: a page for browsers, JSON for whoever asks for it.",
  parameters: [inPath("code", "The code, with dashes or underscores.", "bad-json")],
  answers: [
    {
      status: 200,
      description: "What it means and what to do.",
      content: [
        json(explained, {
          code: "bad_json",
          status: 400,
          title: "The body is not what it should be",
          meaning: "The body is not UTF-8, not JSON, or not an object.",
          remedy: "Send a JSON object.",
          example: { code: "bad_json", status: 400 },
        }),
        { mediaType: "text/html", schema: text, example: "<!doctype html>…" },
      ],
    },
  ],
  problems: ["not_found"],
};

export const OUTSIDE_OPERATIONS: readonly Operation[] = [healthz, readyz, metrics, document, reference, explanation];
export const OUTSIDE_SCHEMAS = {
  Health: health,
  Readiness: readiness,
  ApiDescription: description,
  ProblemExplanation: explained,
};
