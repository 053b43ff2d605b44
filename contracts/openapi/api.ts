/** The API, described: what `GET /openapi.json` answers, and what tests hold real answers against. */
import { PROBLEMS } from "../problem.ts";
import { type Described, openApiDocument } from "./document.ts";
import { AUDIT_OPERATIONS, AUDIT_SCHEMAS } from "./audit-operations.ts";
import { CALL_OPERATIONS, CALL_SCHEMAS } from "./call-operations.ts";
import { CAPACITY_OPERATIONS, CAPACITY_SCHEMAS } from "./capacity-operations.ts";
import { CONFIGURATION_OPERATIONS } from "./configuration-operations.ts";
import { CONFIGURATION_SCHEMAS } from "./configuration-schemas.ts";
import { DECISION_OPERATIONS, DECISION_SCHEMAS } from "./decision-operations.ts";
import { EVENT_OPERATIONS, EVENT_SCHEMAS } from "./event-operations.ts";
import { IDENTITY_OPERATIONS, IDENTITY_SCHEMAS } from "./identity-operations.ts";
import { KEEPING_OPERATIONS, KEEPING_SCHEMAS } from "./keeping-operations.ts";
import { LOCATION_OPERATIONS } from "./location-operations.ts";
import { LIVE_OPERATIONS, LIVE_SCHEMAS } from "./live-operations.ts";
import type { Operation } from "./operation.ts";
import { problem } from "./problem-schema.ts";
import { problemsOf } from "./problems-json.ts";
import { OUTSIDE_OPERATIONS, OUTSIDE_SCHEMAS } from "./outside-operations.ts";
import { PEER_OPERATIONS, PEER_SCHEMAS } from "./peer-operations.ts";
import { PEOPLE_OPERATIONS, PEOPLE_SCHEMAS } from "./people-operations.ts";
import { JOB_OPERATIONS, JOB_SCHEMAS } from "./job-operations.ts";
import { PUBLISHING_OPERATIONS, PUBLISHING_SCHEMAS } from "./publishing-operations.ts";
import { ROUTING_OPERATIONS, ROUTING_SCHEMAS } from "./routing-operations.ts";
import type { Schemas } from "./schema-json.ts";
import { SESSION_DERIVED_OPERATIONS, SESSION_DERIVED_SCHEMAS } from "./session-derived-operations.ts";
import { SESSION_LIST_OPERATIONS, SESSION_LIST_SCHEMAS } from "./session-list-operations.ts";
import { SESSION_OPERATIONS, SESSION_SCHEMAS } from "./session-operations.ts";
import { TABLE_OPERATIONS } from "./table-operations.ts";
import { WEBHOOK_OPERATIONS, WEBHOOK_SCHEMAS } from "./webhook-operations.ts";
import { mismatches } from "./mismatches.ts";

/** What each part of the API describes of itself. Fixed paths before those with parameters, so that a reader sees them first. */
const PARTS: readonly { readonly operations: readonly Operation[]; readonly schemas: Schemas }[] = [
  { operations: CALL_OPERATIONS, schemas: CALL_SCHEMAS },
  { operations: LOCATION_OPERATIONS, schemas: {} },
  { operations: SESSION_LIST_OPERATIONS, schemas: SESSION_LIST_SCHEMAS },
  { operations: SESSION_OPERATIONS, schemas: SESSION_SCHEMAS },
  { operations: SESSION_DERIVED_OPERATIONS, schemas: SESSION_DERIVED_SCHEMAS },
  { operations: LIVE_OPERATIONS, schemas: LIVE_SCHEMAS },
  { operations: EVENT_OPERATIONS, schemas: EVENT_SCHEMAS },
  { operations: KEEPING_OPERATIONS, schemas: KEEPING_SCHEMAS },
  { operations: ROUTING_OPERATIONS, schemas: ROUTING_SCHEMAS },
  { operations: CAPACITY_OPERATIONS, schemas: CAPACITY_SCHEMAS },
  { operations: CONFIGURATION_OPERATIONS, schemas: CONFIGURATION_SCHEMAS },
  { operations: TABLE_OPERATIONS, schemas: {} },
  { operations: DECISION_OPERATIONS, schemas: DECISION_SCHEMAS },
  { operations: PUBLISHING_OPERATIONS, schemas: PUBLISHING_SCHEMAS },
  { operations: JOB_OPERATIONS, schemas: JOB_SCHEMAS },
  { operations: IDENTITY_OPERATIONS, schemas: IDENTITY_SCHEMAS },
  { operations: PEOPLE_OPERATIONS, schemas: PEOPLE_SCHEMAS },
  { operations: AUDIT_OPERATIONS, schemas: AUDIT_SCHEMAS },
  { operations: WEBHOOK_OPERATIONS, schemas: WEBHOOK_SCHEMAS },
  { operations: PEER_OPERATIONS, schemas: PEER_SCHEMAS },
  { operations: OUTSIDE_OPERATIONS, schemas: OUTSIDE_SCHEMAS },
];

/** A name stands for one schema, whichever part it comes from. */
function merged(all: readonly Schemas[]): Schemas {
  const schemas = new Map<string, Schemas[string]>();
  for (const [name, schema] of all.flatMap((each) => Object.entries(each))) {
    if ((schemas.get(name) ?? schema) !== schema) throw new Error(`two schemas are called ${name}`);
    schemas.set(name, schema);
  }
  return Object.fromEntries(schemas);
}

export const API: Described = {
  title: "Trunkline",
  version: "1",
  description:
    "A voice-call control plane: it says what becomes of calls, keeps a session and every event of each, and is configured by its tenants. JSON in camelCase, times in RFC 3339, durations with their unit in the name; refusals are problem details (RFC 9457).",
  operations: PARTS.flatMap(({ operations }) => operations),
  schemas: merged(PARTS.map(({ schemas }) => schemas)),
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
