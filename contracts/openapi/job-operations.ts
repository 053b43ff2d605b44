/** `/v1/jobs/{id}`, and the answer of what was put off until later. */
import { z } from "zod";
import { instant } from "./event-schemas.ts";
import type { Answer, Operation, Parameter } from "./operation.ts";
import { header, inPath, json } from "./parts.ts";

const ID = "01976f2e-6b1c-7000-8a4d-3f2b9c1d5e70";

const job = z.object({
  id: z.string(),
  kind: z.enum(["config.publish"]),
  state: z.enum(["queued", "running", "done"]),
  acceptedAt: instant,
  finishedAt: instant.nullable(),
  result: z
    .object({ status: z.int(), body: z.record(z.string(), z.unknown()) })
    .nullable()
    .describe("The answer that would have been given at once, with its status; null while there is none."),
});

const ACCEPTED = {
  id: ID,
  kind: "config.publish",
  state: "queued",
  acceptedAt: "2026-11-21T15:28:12.869Z",
  finishedAt: null,
  result: null,
};

/** Of whatever may be long. */
export const PREFER: Parameter = header("Prefer", "`respond-async` (RFC 7240): answered with 202 and a job.", "respond-async");
export const LATER: Answer = {
  status: 202,
  description: "It is accepted and will be done; the job tells how far it is.",
  content: [json(job, ACCEPTED)],
  headers: { Location: "Of the job." },
};

const getJob: Operation = {
  id: "getJob",
  method: "get",
  path: "/v1/jobs/{id}",
  tag: "Publishing",
  summary: "How far something is that was put off",
  description: "Told for a week after it is done.",
  permission: "config:read",
  parameters: [inPath("id", "The job's.", ID)],
  answers: [
    {
      status: 200,
      description: "The job as it is now.",
      content: [
        json(job, {
          ...ACCEPTED,
          state: "done",
          finishedAt: "2026-11-21T15:28:14.011Z",
          result: { status: 200, body: { version: "20261121T152812869Z-71609463cd31", changed: true } },
        }),
      ],
    },
  ],
  problems: ["not_found"],
};

export const JOB_OPERATIONS: readonly Operation[] = [getJob];
export const JOB_SCHEMAS = { Job: job };
