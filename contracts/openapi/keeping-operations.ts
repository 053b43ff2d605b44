/** How long events stay, what must stay, and what must go. */
import { LANE } from "./event-parameters.ts";
import { CURSOR, ERASURE, HOLD } from "./examples.ts";
import { erasure, erasurePage, hold, holdPage, newErasure, newHold, retentionPolicy } from "./keeping-schemas.ts";
import type { Operation } from "./operation.ts";
import { PAGE, inPath, json } from "./parts.ts";

const managed = { tag: "Retention", permission: "events:manage" } as const;
const WRITE_PROBLEMS = ["bad_json", "body_too_large", "body_too_slow", "unsupported_media_type", "invalid_fields"] as const;

const POLICY = { infrequentAfterDays: 90, archiveAfterDays: 365, deleteAfterDays: null };
const ETAG = { ETag: "The policy's revision, for `If-Match`." };

const getPolicy: Operation = {
  ...managed,
  id: "getEventPolicy",
  method: "get",
  path: "/v1/events/policy",
  summary: "The tenant's retention policy",
  parameters: [LANE],
  answers: [{ status: 200, description: "The policy.", content: [json(retentionPolicy, POLICY)], headers: ETAG }],
  problems: [],
};

const putPolicy: Operation = {
  ...getPolicy,
  id: "putEventPolicy",
  method: "put",
  summary: "Replace the tenant's retention policy",
  body: [json(retentionPolicy, POLICY)],
  problems: [...WRITE_PROBLEMS, "precondition_failed"],
};

const listHolds: Operation = {
  ...managed,
  id: "listEventHolds",
  method: "get",
  path: "/v1/events/holds",
  summary: "Legal holds",
  parameters: [...PAGE, LANE],
  answers: [{ status: 200, description: "A page.", content: [json(holdPage, { items: [HOLD], nextCursor: CURSOR })] }],
  problems: ["bad_query", "bad_cursor"],
};

const placeHold: Operation = {
  ...managed,
  id: "placeEventHold",
  isIdempotent: true,
  method: "post",
  path: "/v1/events/holds",
  summary: "Place a legal hold",
  parameters: [LANE],
  body: [json(newHold, { scope: HOLD.scope, reason: HOLD.reason })],
  answers: [{ status: 201, description: "It holds from now on.", content: [json(hold, HOLD)] }],
  problems: [...WRITE_PROBLEMS, "conflict"],
};

const liftHold: Operation = {
  ...managed,
  id: "liftEventHold",
  method: "post",
  path: "/v1/events/holds/{id}/lift",
  summary: "Lift a legal hold",
  parameters: [inPath("id", "The hold's id.", HOLD.id), LANE],
  answers: [
    {
      status: 200,
      description: "It holds no longer.",
      content: [json(hold, { ...HOLD, liftedAt: "2026-11-22T09:00:00.000Z", liftedBy: "alice" })],
    },
  ],
  problems: ["not_found"],
};

const listErasures: Operation = {
  ...managed,
  id: "listEventErasures",
  method: "get",
  path: "/v1/events/erasures",
  summary: "Erasures of personal data",
  parameters: [...PAGE, LANE],
  answers: [{ status: 200, description: "A page.", content: [json(erasurePage, { items: [ERASURE], nextCursor: CURSOR })] }],
  problems: ["bad_query", "bad_cursor"],
};

const erase: Operation = {
  ...managed,
  id: "eraseNumber",
  isIdempotent: true,
  method: "post",
  path: "/v1/events/erasures",
  summary: "Erase one person's data, by number",
  parameters: [LANE],
  body: [json(newErasure, { number: "+1 555 010 0100", reason: ERASURE.reason })],
  answers: [
    {
      status: 202,
      description: "No answer shows them from now on; what is stored is rewritten.",
      content: [json(erasure, ERASURE)],
      headers: { Location: "Where its progress is told." },
    },
  ],
  problems: [...WRITE_PROBLEMS, "conflict"],
};

const getErasure: Operation = {
  ...managed,
  id: "getEventErasure",
  method: "get",
  path: "/v1/events/erasures/{id}",
  summary: "How far an erasure is",
  parameters: [inPath("id", "The erasure's id.", ERASURE.id), LANE],
  answers: [{ status: 200, description: "The erasure.", content: [json(erasure, ERASURE)] }],
  problems: ["not_found"],
};

export const KEEPING_OPERATIONS: readonly Operation[] = [
  getPolicy,
  putPolicy,
  listHolds,
  placeHold,
  liftHold,
  listErasures,
  erase,
  getErasure,
];

export const KEEPING_SCHEMAS = {
  RetentionPolicy: retentionPolicy,
  NewHold: newHold,
  Hold: hold,
  HoldPage: holdPage,
  NewErasure: newErasure,
  Erasure: erasure,
  ErasurePage: erasurePage,
} as const;
