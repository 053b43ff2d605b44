/** Refusals of an operation as OpenAPI has them. */
import { LIMIT_HEADER, POLICY_HEADER } from "../../domain/limits/headers.ts";
import { PROBLEMS, type ProblemCode, problemJson } from "../problem.ts";
import { requestKind } from "../request-kinds.ts";
import { type Operation, rateOf } from "./operation.ts";
import { COMPONENTS, type Json } from "./schema-json.ts";
import { USUAL_PROOFS } from "./security.ts";

export const PROBLEM_NAME = "Problem";

const IDEMPOTENCY_PROBLEMS: readonly ProblemCode[] = ["bad_header", "conflict", "request_in_flight", "idempotency_key_reused"];

/** What any request with these credentials may meet, whatever it asks for. */
function usualProblems({ proofs = USUAL_PROOFS, permission }: Operation): readonly ProblemCode[] {
  if (proofs.length === 0) return [];
  return permission === null ? ["unauthenticated", "internal", "unavailable"] : CREDENTIAL_PROBLEMS;
}
const CREDENTIAL_PROBLEMS: readonly ProblemCode[] = [
  "unauthenticated",
  "signature_required",
  "forbidden",
  "address_not_allowed",
  "origin_not_allowed",
  "internal",
  "unavailable",
];

/** What gives way under overload. */
function shedProblems({ method, path }: Operation): readonly ProblemCode[] {
  const kind = requestKind(method.toUpperCase(), path);
  return kind === null || kind === "kept" ? [] : ["overloaded"];
}

/** Every problem that an operation may answer with. */
export function problemsOf(operation: Operation): readonly ProblemCode[] {
  const limited: readonly ProblemCode[] = rateOf(operation) === null ? [] : ["too_many_requests"];
  const repeated = operation.isIdempotent === true ? IDEMPOTENCY_PROBLEMS : [];
  return [
    ...new Set([...usualProblems(operation), ...shedProblems(operation), ...limited, ...operation.problems, ...repeated]),
  ];
}

/** Headers of every answer of an operation. */
export function commonHeaders(operation: Operation): Json {
  const rate = {
    [POLICY_HEADER]: { $ref: `#/components/headers/${POLICY_HEADER}` },
    [LIMIT_HEADER]: { $ref: `#/components/headers/${LIMIT_HEADER}` },
  };
  return { "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" }, ...(rateOf(operation) === null ? {} : rate) };
}

type Refusal = { readonly name: string; readonly status: number; readonly response: Json };

/** By status: several codes may share one. Operations that refuse in the same way share the answer, by its name. */
function refusalsOf(operation: Operation): readonly Refusal[] {
  const isCounted = rateOf(operation) !== null;
  const byStatus = Map.groupBy(problemsOf(operation), (code) => PROBLEMS[code].status);
  return [...byStatus].map(([status, codes]) => {
    const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }] as const);
    const waits = status === 429 || status === 503;
    const retryAfter = waits ? { "Retry-After": { $ref: "#/components/headers/Retry-After" } } : {};
    const content = { schema: { $ref: `${COMPONENTS}${PROBLEM_NAME}` }, examples: Object.fromEntries(examples) };
    const description = codes.map((code) => PROBLEMS[code].title).join("; ");
    const headers = { ...retryAfter, ...commonHeaders(operation) };
    const name = [...codes, ...(isCounted ? ["counted"] : [])].join("-");
    return { name, status, response: { description, headers, content: { "application/problem+json": content } } };
  });
}

export function problemsJson(operation: Operation): Json {
  return Object.fromEntries(
    refusalsOf(operation).map(({ name, status }) => [String(status), { $ref: `#/components/responses/${name}` }]),
  );
}

/** `components.responses`: refusals. */
export function problemResponses(operations: readonly Operation[]): Json {
  return Object.fromEntries(operations.flatMap(refusalsOf).map(({ name, response }) => [name, response]));
}

/** `components.examples`: one of each problem that is spoken of. */
export function problemExamples(operations: readonly Operation[]): Json {
  const codes = [...new Set(operations.flatMap(problemsOf))];
  const request = { path: "/v1/events", requestId: "4bf92f3577b34da6" };
  return Object.fromEntries(
    codes.map((code) => [code, { summary: PROBLEMS[code].title, value: problemJson({ code }, request) }]),
  );
}
