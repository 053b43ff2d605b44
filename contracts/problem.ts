/** Errors on the wire: RFC 9457 problem details with a machine-readable code. */
import type { FieldError } from "./issues.ts";

export const PROBLEMS = {
  bad_json: { status: 400, title: "The body is not what it should be" },
  bad_header: { status: 400, title: "A header is malformed" },
  bad_query: { status: 400, title: "A query parameter is unknown or malformed" },
  bad_cursor: { status: 400, title: "The cursor is damaged or belongs to another list" },
  unauthenticated: { status: 401, title: "The request is not authenticated" },
  signature_required: { status: 401, title: "The request has to be signed" },
  address_not_allowed: { status: 403, title: "The key may not be used from this address" },
  forbidden: { status: 403, title: "The request is not allowed" },
  origin_not_allowed: { status: 403, title: "The tenant does not let pages of this origin ask" },
  not_found: { status: 404, title: "There is no such resource" },
  conflict: { status: 409, title: "The request contradicts what is there" },
  illegal_state: { status: 409, title: "The call is in a state in which this cannot be done" },
  capability_missing: { status: 409, title: "Whoever carries the call cannot do this" },
  precondition_failed: { status: 412, title: "What is there is not what the request expects" },
  body_too_slow: { status: 408, title: "The body did not arrive in time" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body is of a type that is not taken here" },
  wrong_lane: { status: 421, title: "The session lives on the other lane" },
  invalid_fields: { status: 422, title: "Fields are missing or malformed" },
  configuration_invalid: { status: 422, title: "The configuration cannot be published; nothing was changed" },
  upload_invalid: { status: 422, title: "Rows of the upload are malformed; nothing was changed" },
  upgrade_required: { status: 426, title: "This is a WebSocket; the request has to ask for an upgrade" },
  idempotency_key_reused: { status: 422, title: "The idempotency key belongs to another request" },
  request_in_flight: { status: 409, title: "The first request with this idempotency key is still under way" },
  too_many_requests: { status: 429, title: "There are more requests than this client may make" },
  internal: { status: 500, title: "Something went wrong here" },
  overloaded: { status: 503, title: "There is more to do than can be done; what matters less waits" },
  unavailable: { status: 503, title: "A part that is needed cannot be reached" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

export type Problem = {
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the status of the code, where one code stands for several. */
  readonly status?: number;
  /** Members of its own, as RFC 9457 §3.2 has them. */
  readonly members?: Readonly<Record<string, unknown>>;
};

/** A path of ours is shorter; a longer one need not be said back in full. */
const MAX_INSTANCE = 256;

/** Where the code is explained, from the root of whatever host answered; the same text for a code everywhere and always. */
export const problemType = (code: ProblemCode): string => `/problems/${code.replaceAll("_", "-")}`;

/** The members of the document. */
export function problemJson(
  problem: Problem,
  request: { readonly path: string; readonly requestId: string },
): Record<string, unknown> {
  const { status, title } = PROBLEMS[problem.code];
  return {
    type: problemType(problem.code),
    title,
    status: problem.status ?? status,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    instance: request.path.slice(0, MAX_INSTANCE),
    code: problem.code,
    requestId: request.requestId,
    ...problem.members,
    ...(problem.errors === undefined || problem.errors.length === 0 ? {} : { errors: problem.errors }),
  };
}
