/** The API as far as it is described: what `GET /openapi.json` answers, and what tests hold real answers against. */
import { PROBLEMS } from "../problem.ts";
import { type Described, openApiDocument, problemsOf } from "./document.ts";
import { EVENT_OPERATIONS, EVENT_SCHEMAS } from "./event-operations.ts";
import { KEEPING_OPERATIONS, KEEPING_SCHEMAS } from "./keeping-operations.ts";
import type { Operation } from "./operation.ts";
import { problem } from "./problem-schema.ts";
import { mismatches } from "./mismatches.ts";

/** Fixed paths of the events before `/v1/events/{id}`, so that a reader sees them first. */
export const API: Described = {
  title: "Trunkline",
  version: "1",
  description: "The event store of Trunkline: events of calls, from any telephony system, stored and found again.",
  operations: [...EVENT_OPERATIONS, ...KEEPING_OPERATIONS],
  schemas: { ...EVENT_SCHEMAS, ...KEEPING_SCHEMAS },
};

let document: Readonly<Record<string, unknown>> | null = null;

/** Made once per isolate. */
export function apiDocument(): Readonly<Record<string, unknown>> {
  return (document ??= openApiDocument(API));
}

const operationOf = (id: string): Operation | undefined => API.operations.find((operation) => operation.id === id);

/**
 * What of an answer is other than described: an unknown status, missing, wrong or undescribed members.
 * @param body parsed, where the answer is JSON; its text, where it is not.
 * @param mediaType without parameters; needed where an operation answers in several.
 * @returns nothing when it is as described.
 */
export function validateAnswer(operationId: string, status: number, body: unknown, mediaType?: string): readonly string[] {
  const operation = operationOf(operationId);
  if (operation === undefined) return [`there is no operation ${operationId}`];
  const answer = operation.answers.find((candidate) => candidate.status === status);
  if (answer === undefined) return mismatchesOfProblem(operation, status, body);
  const content = answer.content.find((candidate) => mediaType === undefined || candidate.mediaType === mediaType);
  if (content === undefined) return [`${status} in ${String(mediaType)} is not described`];
  return mismatches(content.schema, body);
}

function mismatchesOfProblem(operation: Operation, status: number, body: unknown): readonly string[] {
  const known = problemsOf(operation).filter((code) => PROBLEMS[code].status === status);
  if (known.length === 0) return [`${operation.id} is not described to answer ${status}`];
  const parsed = problem.safeParse(body);
  if (!parsed.success) return mismatches(problem, body);
  const { code } = parsed.data;
  return known.includes(code) ? [] : [`${operation.id} is not described to answer ${code}`];
}
